import { refusal, type RolecallError } from '../errors/index.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const jsonMediaType = /^application\/json\s*(?:;|$)/i;
const charsetParameter = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/** A body as it came, and as text. */
export interface BodyText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Reads a JSON body's text, at most `limit` bytes of it, declared or not. Throws `unsupported_media_type`,
 * `body_too_large`, `invalid_json` and, when there is none, `invalid_request`.
 */
export async function readBodyText(request: Request, limit: number): Promise<BodyText> {
  requireReadable(request.headers);
  const bytes = await readBytes(request, limit);
  const declared = request.headers.get('content-type');
  if (bytes.byteLength === 0) throw absent();
  if (declared === null) throw mediaType('the body is not declared as `application/json`');
  return { bytes, text: decode(bytes) };
}

function requireReadable(headers: Headers): void {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw mediaType('compressed bodies are not read: leave out `Content-Encoding`');
  }
  const type = headers.get('content-type');
  if (type === null) return;
  const charset = charsetParameter.exec(type)?.[1]?.toLowerCase() ?? 'utf-8';
  if (!jsonMediaType.test(type) || (charset !== 'utf-8' && charset !== 'utf8')) {
    throw mediaType('the body is not declared as `application/json` in UTF-8');
  }
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  const length = declared !== null && /^\d+$/.test(declared) ? Number(declared) : undefined;
  if (length !== undefined && length > limit) throw tooLarge(limit);
  try {
    // The server holds a connection to the length it declared; only a stream can be longer than it says.
    if (length !== undefined && !request.headers.has('transfer-encoding')) {
      const bytes = new Uint8Array(await request.arrayBuffer());
      if (bytes.byteLength <= limit) return bytes;
    } else {
      const bytes = await readStream(request.body, limit);
      if (bytes !== undefined) return bytes;
    }
  } catch {
    throw refusal('invalid_json', 'the body ended before its time');
  }
  throw tooLarge(limit);
}

/** All bytes of a stream, or undefined as soon as there are more than `limit`. */
async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array | undefined> {
  if (stream === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refusal('invalid_json', 'the body is not UTF-8');
  }
}

function absent(): RolecallError {
  return refusal('invalid_request', 'a JSON body is required', {
    problems: [{ path: 'body', message: 'is required' }],
  });
}

function mediaType(message: string): RolecallError {
  return refusal('unsupported_media_type', message);
}

function tooLarge(limit: number): RolecallError {
  return refusal('body_too_large', `the body is larger than ${limit} bytes`);
}

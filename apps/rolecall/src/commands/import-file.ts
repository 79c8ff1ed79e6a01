import { createReadStream } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { limits } from '@rolecall/contract';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** A document to import: the bytes to send, and what has to be known before they are sent. */
export interface ImportFile {
  readonly json: Uint8Array;
  readonly organizationId: string | undefined;
  readonly organizationName: string | undefined;
  /** How many there seem to be; the document has not been judged. */
  readonly roles: number;
  readonly members: number;
}

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * Reads a .json or .json.gz file, or stdin for `-`; what it is tells its content, not its name. Throws a
 * `CliError` for a file that cannot be read, is not JSON, or is over the limit. What the document says is
 * for the API to judge.
 */
export async function readImportFile(
  path: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<ImportFile> {
  const source = path === '-' ? stdin : createReadStream(path);
  const name = path === '-' ? 'stdin' : path;
  const bytes = await readAll(source, name);
  const json = isGzip(bytes) ? unzip(bytes, name) : bytes;
  const document = parse(json, name);
  const organization = field(document, 'organization');
  return {
    json,
    organizationId: textField(organization, 'id'),
    organizationName: textField(organization, 'name'),
    roles: lengthOf(field(document, 'roles')),
    members: lengthOf(field(document, 'members')),
  };
}

async function readAll(source: AsyncIterable<Uint8Array | string>, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > limits.importBodyBytes) throw tooLarge(name);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unreadable(name, error instanceof Error ? error.message : String(error));
  }
  return Buffer.concat(chunks);
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

function unzip(bytes: Buffer, name: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.importBodyBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(name);
    throw unreadable(name, 'its compression is broken');
  }
}

function parse(json: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw unreadable(name, `it is not JSON: ${why}`);
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function textField(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function unreadable(name: string, why: string): CliError {
  return new CliError(exitCodes.usage, 'unreadable_file', `cannot read \`${name}\`: ${why}`);
}

function tooLarge(name: string): CliError {
  const megabytes = limits.importBodyBytes / 1024 / 1024;
  return new CliError(
    exitCodes.usage,
    'body_too_large',
    `\`${name}\` is larger than the ${megabytes} MiB that an import may have`,
    { advice: 'split it: roles first, then members; an import adds to what is there' },
  );
}

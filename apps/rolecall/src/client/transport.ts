import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { notRolecall, unreachable } from './problem.ts';

/** One request. `body` makes the body anew for every try. */
export interface Outgoing {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly ifMatch?: number | undefined;
  readonly body?: (() => string | ReadableStream) | undefined;
}

/** Tries of a request without an answer; writes carry an idempotency key, so none happens twice. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 300;

/** Sends a request, again when it got no answer or 503. Throws a `CliError` when nobody answers. */
export async function fetchAnswer(outgoing: Outgoing): Promise<Response> {
  const headers = headersOf(outgoing);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(`${outgoing.url}${outgoing.path}`, {
        method: outgoing.method,
        headers,
        ...(outgoing.body !== undefined && { body: outgoing.body(), duplex: 'half' }),
      });
      if (response.status !== 503 || attempt === TRIES) return response;
      await response.body?.cancel();
    } catch (error) {
      if (attempt === TRIES || nobodyListens(error)) throw unreachable(outgoing.url, error);
    }
    await sleep(BETWEEN_TRIES_MS * attempt);
  }
}

/** The body as JSON; nothing for an answer without content. */
export async function readBody(url: string, response: Response): Promise<unknown> {
  const text = await response.text().catch((cause: unknown) => {
    throw unreachable(url, cause);
  });
  if (response.ok && text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notRolecall(url, `it answers ${response.status} and something that is not JSON`);
  }
}

/** The body as text, as it comes in. Throws a `CliError` when it breaks off. */
export async function* readPieces(url: string, response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    const body: AsyncIterable<Uint8Array> | null = response.body;
    if (body === null) return;
    for await (const piece of body) yield decoder.decode(piece, { stream: true });
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

function headersOf(outgoing: Outgoing): Record<string, string> {
  const { apiKey, method, ifMatch, body } = outgoing;
  return {
    accept: 'application/json',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
    ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
}

/** Asking again would only make the person wait. */
function nobodyListens(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    cause instanceof Error &&
    'code' in cause &&
    ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(cause.code))
  );
}

import { limits } from '@rolecall/contract';
import { type IncomingMessage } from 'node:http';

/** A question in its plainest form, as its head tells. */
export interface PlainQuestion {
  readonly kind: 'check' | 'filter';
  readonly organizationId: string;
  /** The header `Authorization` as it came. */
  readonly authorization: string;
  /** The header `X-Request-ID` as it came. */
  readonly requestId: string | undefined;
  /** Bytes of the body. */
  readonly length: number;
}

// Nothing that would have to be decoded, and nothing that a URL would resolve.
const path = /^\/v1\/organizations\/([A-Za-z0-9][A-Za-z0-9._-]{0,254})\/(check|filter)$/;
const json = /^application\/json(?: *; *charset=utf-8)?$/i;

interface Heads {
  authorization?: string;
  'content-type'?: string;
  'content-length'?: string;
  'x-request-id'?: string;
}

/** Headers that make a question more than plain. */
const others: ReadonlySet<string> = new Set([
  'content-encoding',
  'transfer-encoding',
  'rolecall-actor',
]);

/** The question that a request asks by its head, if it is a plain one; the body is another matter. */
export function recognise({ method, url, rawHeaders }: IncomingMessage): PlainQuestion | undefined {
  if (method !== 'POST' || url === undefined) return undefined;
  const found = path.exec(url);
  if (found === null) return undefined;
  const heads = readHeads(rawHeaders);
  if (heads === undefined) return undefined;
  const { authorization, 'content-type': type, 'content-length': declared } = heads;
  if (authorization === undefined || type === undefined || !json.test(type)) return undefined;
  if (declared === undefined || !/^\d{1,7}$/.test(declared)) return undefined;
  const length = Number(declared);
  if (length === 0 || length > limits.bodyBytes) return undefined;
  return {
    kind: found[2] === 'check' ? 'check' : 'filter',
    organizationId: found[1] ?? '',
    authorization,
    requestId: heads['x-request-id'],
    length,
  };
}

/** The headers that count; nothing when one of them is given twice, or another one counts too. */
function readHeads(raw: readonly string[]): Heads | undefined {
  const heads: Heads = {};
  for (let at = 0; at < raw.length; at += 2) {
    const given = raw[at] ?? '';
    // Every name that counts has between 12 and 17 characters.
    if (given.length < 12 || given.length > 17) continue;
    const name = given.toLowerCase();
    if (others.has(name)) return undefined;
    if (!isCounted(name)) continue;
    if (heads[name] !== undefined) return undefined;
    heads[name] = raw[at + 1] ?? '';
  }
  return heads;
}

function isCounted(name: string): name is keyof Heads {
  return (
    name === 'authorization' ||
    name === 'content-type' ||
    name === 'content-length' ||
    name === 'x-request-id'
  );
}

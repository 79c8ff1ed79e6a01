import { createHash } from 'node:crypto';
import { type Db, isLockTimeout, type Tx } from '../database/index.ts';
import { defect, refusal, type RolecallError } from '../errors/index.ts';
import {
  deleteOldIdempotencyKeys,
  findStoredAnswer,
  insertIdempotencyKey,
  storeAnswer,
} from './idempotency-store.ts';
import { type RenderedReply } from './reply.ts';
import { seal, unseal } from './seal.ts';

/** How long a duplicate waits for the request that it repeats. */
const PATIENCE_MS = 2_000;
const KEPT_HOURS = 24;
const PURGE_BATCH = 10_000;

const acceptable = /^[\x21-\x7e]{1,255}$/;

/** The caller's key of a request; undefined when it sent none. Throws `invalid_request`. */
export function readIdempotencyKey(headers: Headers): string | undefined {
  const key = headers.get('idempotency-key');
  if (key === null) return undefined;
  if (acceptable.test(key)) return key;
  const message = 'must be 1 to 255 printable ASCII characters without spaces';
  throw refusal('invalid_request', `the header \`Idempotency-Key\` ${message}`, {
    problems: [{ path: 'Idempotency-Key', message }],
  });
}

/** What makes two requests the same one. */
export interface IdempotentRequest {
  readonly apiKeyId: string;
  readonly secret: string;
  /** Everything that is unique together: actor, method, path and key. */
  readonly identity: readonly string[];
  /** Everything that must not differ when it is repeated: query, preconditions, body. */
  readonly content: readonly (string | Uint8Array)[];
}

/**
 * INVARIANT (once): under one Idempotency-Key a write takes effect at most once. The key's row is inserted
 * before the write and commits with it, so a duplicate waits for it at the primary key, and then answers
 * what was stored. A write that fails leaves no row. Throws `idempotency_key_reused`,
 * `idempotency_in_progress`.
 */
export async function once(
  tx: Tx,
  request: IdempotentRequest,
  write: () => Promise<RenderedReply>,
): Promise<RenderedReply> {
  const place = { apiKeyId: request.apiKeyId, fingerprint: hash(request.identity) };
  const requestHash = hash(request.content);
  const options = { requestHash, patienceMs: PATIENCE_MS };
  if (await insertIdempotencyKey(tx, place, options).catch(refuseImpatience)) {
    const reply = await write();
    storeAnswer(tx, place, seal(JSON.stringify(reply), request.secret, place.fingerprint));
    return reply;
  }
  const stored = await findStoredAnswer(tx, place);
  if (stored === undefined) throw inProgress();
  if (!stored.requestHash.equals(requestHash)) {
    throw refusal('idempotency_key_reused', 'the Idempotency-Key belongs to another request');
  }
  const reply = parseStored(unseal(stored.answer, request.secret, place.fingerprint));
  return { ...reply, headers: { ...reply.headers, 'Idempotency-Replayed': 'true' } };
}

/** Deletes the keys that are no longer kept; returns how many. */
export async function purgeIdempotencyKeys(db: Db): Promise<number> {
  let deleted = 0;
  for (;;) {
    const batch = await deleteOldIdempotencyKeys(db, {
      olderThanHours: KEPT_HOURS,
      batch: PURGE_BATCH,
    });
    deleted += batch;
    if (batch < PURGE_BATCH) return deleted;
  }
}

/** SHA-256 over parts that cannot run into each other: each is preceded by its length. */
function hash(parts: readonly (string | Uint8Array)[]): Buffer {
  const sum = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part);
    sum.update(`${bytes.byteLength}:`).update(bytes);
  }
  return sum.digest();
}

function parseStored(text: string): RenderedReply {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('status' in value)) {
    throw defect('a stored answer has another form');
  }
  return value as RenderedReply;
}

function refuseImpatience(error: unknown): never {
  throw isLockTimeout(error) ? inProgress() : error;
}

function inProgress(): RolecallError {
  return refusal(
    'idempotency_in_progress',
    'the request with this Idempotency-Key is not finished',
    {
      retryAfterSeconds: 1,
    },
  );
}

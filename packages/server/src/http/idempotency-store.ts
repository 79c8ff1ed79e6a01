import { type Db, post, query, type Tx } from '../database/index.ts';

/** What is kept under an Idempotency-Key. */
export interface StoredAnswer {
  readonly requestHash: Buffer;
  /** The sealed answer. */
  readonly answer: string;
}

interface Place {
  readonly apiKeyId: string;
  readonly fingerprint: Buffer;
}

/**
 * Takes the place of a key, or returns false when a request that succeeded has it. Waits for another
 * transaction that has just taken it; when that takes longer than `patienceMs` PostgreSQL refuses the
 * lock, and the transaction is lost.
 */
export async function insertIdempotencyKey(
  tx: Tx,
  { apiKeyId, fingerprint }: Place,
  { requestHash, patienceMs }: { readonly requestHash: Buffer; readonly patienceMs: number },
): Promise<boolean> {
  const rows = await query(tx, {
    name: 'insert-idempotency-key',
    text: `WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', $4, true))
      INSERT INTO rolecall.idempotency_keys (api_key_id, fingerprint, request_hash)
      SELECT $1, $2, $3 FROM patience
      ON CONFLICT DO NOTHING
      RETURNING true AS inserted, set_config('lock_timeout', '0', true)`,
    values: [apiKeyId, fingerprint, requestHash, String(patienceMs)],
  });
  return rows.length > 0;
}

/** What is kept under a key; undefined when nothing is. */
export async function findStoredAnswer(
  tx: Tx,
  { apiKeyId, fingerprint }: Place,
): Promise<StoredAnswer | undefined> {
  const rows = await query<{ request_hash: Buffer; answer: string | null }>(tx, {
    name: 'find-idempotency-key',
    text: `SELECT request_hash, response ->> 'sealed' AS answer FROM rolecall.idempotency_keys
      WHERE api_key_id = $1 AND fingerprint = $2`,
    values: [apiKeyId, fingerprint],
  });
  const [row] = rows;
  if (row === undefined || row.answer === null) return undefined;
  return { requestHash: row.request_hash, answer: row.answer };
}

/** Keeps the answer under the key that this transaction took; it goes with the commit. */
export function storeAnswer(tx: Tx, { apiKeyId, fingerprint }: Place, answer: string): void {
  post(tx, {
    name: 'store-idempotent-answer',
    text: `UPDATE rolecall.idempotency_keys SET response = jsonb_build_object('sealed', $3::text)
      WHERE api_key_id = $1 AND fingerprint = $2`,
    values: [apiKeyId, fingerprint, answer],
  });
}

/** Deletes at most `batch` of the oldest keys of that age; returns how many. Of all organizations. */
export async function deleteOldIdempotencyKeys(
  db: Db,
  { olderThanHours, batch }: { readonly olderThanHours: number; readonly batch: number },
): Promise<number> {
  const rows = await query<{ deleted: number }>(db, {
    text: `WITH old AS (
        SELECT api_key_id, fingerprint FROM rolecall.idempotency_keys
        WHERE created_at < now() - make_interval(hours => $1)
        ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
      ), deleted AS (
        DELETE FROM rolecall.idempotency_keys k USING old
        WHERE k.api_key_id = old.api_key_id AND k.fingerprint = old.fingerprint RETURNING 1
      )
      SELECT count(*) AS deleted FROM deleted`,
    values: [olderThanHours, batch],
  });
  return rows[0]?.deleted ?? 0;
}

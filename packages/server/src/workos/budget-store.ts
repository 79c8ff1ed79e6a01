import { type Db, query } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type CallClass } from './call.ts';
import { type Buckets, type Lane } from './limits.ts';

/*
 * The shared budget: tokens in the one row of `workos_gate`. Times are the database's: processes need not
 * agree on the hour. A statement that waits for the row goes on with what the one before it left. It has no
 * name, so that it is not sent through a connection on which others would wait behind it.
 */

/** Whether something was granted, and why not. */
export type ReservationState = 'granted' | 'short' | 'paused' | 'open' | 'refused';

export interface Reservation {
  readonly state: ReservationState;
  /** How many calls may be sent. */
  readonly granted: number;
  /** The number of the closed time in which it was granted. */
  readonly term: number;
  /** When to ask again; 0 when something was granted. */
  readonly waitMs: number;
}

// The row is locked before the clock is read, so time never goes back from one statement to the next.
const RESERVE = `
  WITH held AS (
    SELECT * FROM rolecall.workos_gate FOR UPDATE
  ), refilled AS (
    SELECT held.circuit, held.paused_until, held.retry_at, t.now,
           least($3::float8, held.all_tokens + $4::float8 * t.elapsed) AS all_left,
           least($5::float8, held.user_read_tokens + $6::float8 * t.elapsed) AS read_left,
           least($7::float8, held.user_write_tokens + $8::float8 * t.elapsed) AS write_left
      FROM held, LATERAL (
        SELECT c.now, greatest(0, extract(epoch FROM c.now - held.refilled_at))::float8 AS elapsed
          FROM (SELECT clock_timestamp() AS now) c) t
  ), judged AS (
    SELECT r.*,
           CASE WHEN circuit <> 'closed' THEN circuit WHEN paused_until > now THEN 'paused' END AS blocked,
           floor(least($2::float8, all_left - $9::float8,
             CASE $1 WHEN 'user_reads' THEN read_left - $10::float8
                     WHEN 'user_writes' THEN write_left - $11::float8 END)) AS free,
           1000 * greatest((1 + $9 - all_left) / $4,
             CASE $1 WHEN 'user_reads' THEN (1 + $10 - read_left) / $6
                     WHEN 'user_writes' THEN (1 + $11 - write_left) / $8 END) AS short_ms
      FROM refilled r
  ), granted AS (
    SELECT j.*, CASE WHEN blocked IS NULL THEN greatest(0, free) ELSE 0 END AS granted FROM judged j
  )
  UPDATE rolecall.workos_gate g
    SET all_tokens = x.all_left - x.granted,
        user_read_tokens = x.read_left - CASE $1 WHEN 'user_reads' THEN x.granted ELSE 0 END,
        user_write_tokens = x.write_left - CASE $1 WHEN 'user_writes' THEN x.granted ELSE 0 END,
        refilled_at = greatest(g.refilled_at, x.now)
    FROM granted x
    RETURNING x.granted, g.term,
      coalesce(x.blocked, CASE WHEN x.granted > 0 THEN 'granted' ELSE 'short' END) AS state,
      CASE WHEN x.granted > 0 THEN 0
           WHEN x.blocked IS NULL THEN x.short_ms
           ELSE greatest(0, 1000 * extract(epoch FROM
             (CASE x.blocked WHEN 'paused' THEN x.paused_until ELSE x.retry_at END) - x.now)::float8)
      END AS wait_ms`;

/** Takes up to `wanted` calls out of the shared budget, in one statement. Ordinary calls leave the reserve. */
export async function reserveCalls(
  db: Db,
  buckets: Buckets,
  ask: { readonly callClass: CallClass; readonly lane: Lane; readonly wanted: number },
): Promise<Reservation> {
  const { all, userReads, userWrites } = buckets;
  const floors = [all, userReads, userWrites].map((bucket) =>
    ask.lane === 'revocation' ? 0 : bucket.reserve,
  );
  const [row] = await query<{
    readonly granted: number;
    readonly term: number;
    readonly state: ReservationState;
    readonly wait_ms: number;
  }>(db, {
    text: RESERVE,
    values: [
      ask.callClass,
      ask.wanted,
      ...[all, userReads, userWrites].flatMap((bucket) => [bucket.burst, bucket.perSecond]),
      ...floors,
    ],
  });
  if (row === undefined) throw defect('the row of `workos_gate` is gone');
  const { granted, term, state, wait_ms: waitMs } = row;
  return { granted, term, state, waitMs };
}

/** Holds back every call of every process for that long, or longer when that was decided before. */
export async function pauseCalls(db: Db, forMs: number): Promise<void> {
  await query(db, {
    text: `UPDATE rolecall.workos_gate
             SET paused_until = greatest(paused_until, clock_timestamp() + $1 * interval '1 ms')`,
    values: [forMs],
  });
}

import { type Db, query, type Reader } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type Bucket, type Buckets } from './limits.ts';

/*
 * The shared circuit: the other half of the one row of `workos_gate`. Every statement says in its WHERE
 * from which state it leads away, so two processes that act at once cannot both succeed.
 */

export type CircuitState = 'closed' | 'open' | 'refused';

/** How the gate is at this moment. */
export interface GateReading {
  readonly circuit: CircuitState;
  readonly term: number;
  /** Until a probe may be tried; 0 when the circuit is closed. */
  readonly retryInMs: number;
  readonly pausedForMs: number;
  /** Tokens left in each bucket. */
  readonly left: { readonly all: number; readonly userReads: number; readonly userWrites: number };
}

/** Opens the circuit that is closed since `term` began; otherwise nothing. Resolves to whether it did. */
export async function openCircuit(db: Db, term: number, retryInMs: number): Promise<boolean> {
  const rows = await query(db, {
    text: `UPDATE rolecall.workos_gate
             SET circuit = 'open', retry_at = clock_timestamp() + $2 * interval '1 ms'
             WHERE circuit = 'closed' AND term = $1 RETURNING term`,
    values: [term, retryInMs],
  });
  return rows.length > 0;
}

/** Stops the environment because this key was refused in `term`; a probe may be tried at once. */
export async function refuseKey(db: Db, term: number, key: string): Promise<boolean> {
  const rows = await query(db, {
    text: `UPDATE rolecall.workos_gate
             SET circuit = 'refused', refused_key = $2, retry_at = clock_timestamp()
             WHERE circuit = 'closed' AND term = $1 RETURNING term`,
    values: [term, key],
  });
  return rows.length > 0;
}

/**
 * Takes the one right to probe, for `leaseMs`; false when it is not time, or somebody else has it. A key
 * other than the refused one need not wait. The probe is paid for out of the budget.
 */
export async function claimProbe(
  db: Db,
  claim: { readonly holder: string; readonly leaseMs: number; readonly key: string },
): Promise<boolean> {
  const rows = await query(db, {
    text: `UPDATE rolecall.workos_gate
             SET probe_holder = $1, probe_until = clock_timestamp() + $2 * interval '1 ms',
                 all_tokens = all_tokens - 1
             WHERE circuit <> 'closed' AND paused_until <= clock_timestamp()
               AND (retry_at <= clock_timestamp() OR refused_key <> $3)
               AND (probe_holder IS NULL OR probe_until <= clock_timestamp())
             RETURNING term`,
    values: [claim.holder, claim.leaseMs, claim.key],
  });
  return rows.length > 0;
}

/** Closes the circuit after a probe that succeeded. False when the probe is not this holder's any more. */
export async function closeCircuit(db: Db, holder: string): Promise<boolean> {
  const rows = await query(db, {
    text: `UPDATE rolecall.workos_gate
             SET circuit = 'closed', term = term + 1, failed_probes = 0, retry_at = NULL,
                 refused_key = NULL, probe_holder = NULL, probe_until = NULL
             WHERE probe_holder = $1 RETURNING term`,
    values: [holder],
  });
  return rows.length > 0;
}

/** What a failed probe leaves: the next one is due later than the one before, up to `maxRetryMs`. */
export interface FailedProbe {
  readonly holder: string;
  /** The key that was refused; null when WorkOS did not answer. */
  readonly refusedKey: string | null;
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** 0 to 1: the part of the delay that is used. */
  readonly jitter: number;
}

/** Keeps the circuit open after a probe that failed. False when it is not this holder's any more. */
export async function keepCircuitOpen(db: Db, failed: FailedProbe): Promise<boolean> {
  const rows = await query(db, {
    text: `UPDATE rolecall.workos_gate
             SET circuit = CASE WHEN $2::text IS NULL THEN 'open' ELSE 'refused' END, refused_key = $2,
                 failed_probes = failed_probes + 1,
                 retry_at = clock_timestamp() + interval '1 ms' * $5::float8
                   * least($4::float8, $3::float8 * power(2, least(failed_probes, 30))),
                 probe_holder = NULL, probe_until = NULL
             WHERE probe_holder = $1 RETURNING term`,
    values: [
      failed.holder,
      failed.refusedKey,
      failed.firstRetryMs,
      failed.maxRetryMs,
      failed.jitter,
    ],
  });
  return rows.length > 0;
}

/** How the gate is now. */
export async function readGate(reader: Reader, buckets: Buckets): Promise<GateReading> {
  const [row] = await query<{
    readonly circuit: CircuitState;
    readonly term: number;
    readonly retry_in_ms: number;
    readonly paused_for_ms: number;
    readonly all_tokens: number;
    readonly user_read_tokens: number;
    readonly user_write_tokens: number;
    readonly elapsed: number;
  }>(reader, {
    text: `SELECT circuit, term, all_tokens, user_read_tokens, user_write_tokens,
                  greatest(0, extract(epoch FROM clock_timestamp() - refilled_at))::float8 AS elapsed,
                  coalesce(greatest(0, 1000 * extract(epoch FROM retry_at - clock_timestamp())), 0)::float8
                    AS retry_in_ms,
                  CASE WHEN paused_until <= clock_timestamp() THEN 0
                       ELSE 1000 * extract(epoch FROM paused_until - clock_timestamp()) END::float8
                    AS paused_for_ms
             FROM rolecall.workos_gate`,
  });
  if (row === undefined) throw defect('the row of `workos_gate` is gone');
  const left = (tokens: number, bucket: Bucket): number =>
    Math.min(bucket.burst, tokens + row.elapsed * bucket.perSecond);
  return {
    circuit: row.circuit,
    term: row.term,
    retryInMs: row.retry_in_ms,
    pausedForMs: row.paused_for_ms,
    left: {
      all: left(row.all_tokens, buckets.all),
      userReads: left(row.user_read_tokens, buckets.userReads),
      userWrites: left(row.user_write_tokens, buckets.userWrites),
    },
  };
}

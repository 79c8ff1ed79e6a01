import { type CallClass } from './call.ts';

/** So many calls in any stretch of `windowMs`. */
export interface RateLimit {
  readonly calls: number;
  readonly windowMs: number;
}

/** The limits that WorkOS sets to one environment and one key. */
export interface WorkosLimits {
  readonly all: RateLimit;
  readonly userReads: RateLimit;
  readonly userWrites: RateLimit;
}

/** As WorkOS documents them. */
export const documentedLimits: WorkosLimits = {
  all: { calls: 6_000, windowMs: 60_000 },
  userReads: { calls: 1_000, windowMs: 10_000 },
  userWrites: { calls: 500, windowMs: 10_000 },
};

/** Who a call is for. Only revocations may use the last part of every bucket. */
export type Lane = 'revocation' | 'ordinary';

/** A bucket that refills steadily. */
export interface Bucket {
  /** What it holds when it is full. */
  readonly burst: number;
  readonly perSecond: number;
  /** What ordinary calls leave in it. */
  readonly reserve: number;
}

/** The buckets of the environment, in the order of the row that holds them. */
export interface Buckets {
  readonly all: Bucket;
  readonly userReads: Bucket;
  readonly userWrites: Bucket;
}

/** The part of a limit that may be used at once; the rest comes back steadily. */
const BURST_SHARE = 0.1;
/** The part of a bucket that is kept for revocations. */
const RESERVE_SHARE = 0.25;
/** How far a token may travel in time between being granted and being counted by WorkOS. */
const DRIFT_MS = 2_000;

/**
 * Buckets that keep to `share` of the limits (0 to 1).
 *
 * INVARIANT (budget): burst + perSecond × (window + drift) ≤ share × limit. What is counted in one window
 * was granted in that window or in the drift before it, so no window sees more than the share, whichever
 * process sends.
 */
export function bucketsFor(limits: WorkosLimits, share: number): Buckets {
  if (!(share > 0 && share <= 1))
    throw new RangeError(`the share \`${share}\` is not within 0 to 1`);
  return {
    all: bucketFor(limits.all, share),
    userReads: bucketFor(limits.userReads, share),
    userWrites: bucketFor(limits.userWrites, share),
  };
}

function bucketFor({ calls, windowMs }: RateLimit, share: number): Bucket {
  const burst = Math.max(1, Math.floor(calls * share * BURST_SHARE));
  const perSecond = ((calls * share - burst) * 1_000) / (windowMs + DRIFT_MS);
  return { burst, perSecond, reserve: Math.floor(burst * RESERVE_SHARE) };
}

/** The bucket of a class beside the one for all calls. */
export function bucketOf(buckets: Buckets, callClass: CallClass): Bucket {
  switch (callClass) {
    case 'user_reads':
      return buckets.userReads;
    case 'user_writes':
      return buckets.userWrites;
    case 'other':
      return buckets.all;
  }
}

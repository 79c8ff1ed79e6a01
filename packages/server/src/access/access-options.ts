import { type Policy } from '@rolecall/policy';
import { type Database } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type Clock, systemClock } from './clock.ts';
import { type DecisionRecorder } from './decision-recorder.ts';

export interface AccessOptions<Scope extends string = string> {
  readonly database: Database;
  readonly policy: Policy<Scope>;
  readonly memory?: MemoryOptions;
  readonly freshness?: FreshnessOptions;
  /** Whether the first question begins to keep states in memory; only `start` does unless told otherwise. */
  readonly startsItself?: boolean;
  /** Is told what is answered, where enforcement is `shadow` or `enforced`; nobody is unless given. */
  readonly recorder?: DecisionRecorder | undefined;
  /** The system's clocks unless told otherwise. */
  readonly clock?: Clock;
}

export interface MemoryOptions {
  /** What the states held in memory may take together; 256 MiB unless told otherwise. */
  readonly maxBytes?: number;
}

export interface FreshnessOptions {
  /** No answer in mode `cached` misses what was committed longer ago than this; 2,000 unless told otherwise. */
  readonly boundMs?: number;
  /** How often the primary is asked for changes; 1,000, or half the bound if that is less. */
  readonly pollIntervalMs?: number;
  /** Statements of this side that run at the same time; 8 unless told otherwise. */
  readonly maxConcurrentReads?: number;
}

/** The options with nothing left open. */
export interface AccessSettings<Scope extends string> {
  readonly database: Database;
  readonly policy: Policy<Scope>;
  readonly startsItself: boolean;
  readonly recorder: DecisionRecorder | undefined;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly boundMs: number;
  readonly pollIntervalMs: number;
  readonly maxConcurrentReads: number;
}

const MIB = 1024 * 1024;

/** Completes the options. Throws a defect for a bound that no poll could keep. */
export function settleOptions<Scope extends string>(
  options: AccessOptions<Scope>,
): AccessSettings<Scope> {
  const { database, policy, clock = systemClock, memory = {}, freshness = {} } = options;
  const { boundMs = 2_000, maxConcurrentReads = 8 } = freshness;
  const { pollIntervalMs = Math.min(1_000, boundMs / 2) } = freshness;
  if (!(pollIntervalMs > 0 && pollIntervalMs < boundMs)) {
    throw defect(`a poll every \`${pollIntervalMs}\` ms cannot keep a bound of \`${boundMs}\` ms`);
  }
  const { maxBytes = 256 * MIB } = memory;
  return {
    database,
    policy,
    startsItself: options.startsItself ?? false,
    recorder: options.recorder,
    clock,
    maxBytes,
    boundMs,
    pollIntervalMs,
    maxConcurrentReads,
  };
}

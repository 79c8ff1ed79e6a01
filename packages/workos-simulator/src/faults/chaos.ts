import type { Fault, FaultMatch, FaultRule } from './fault.ts';

/** How much goes wrong. */
export interface Chaos {
  /** The share of requests that meet some fault. */
  readonly rate: number;
  /** Which faults, by the names of `CHAOS_FAULTS`; all of them by default. */
  readonly only?: readonly ChaosName[] | undefined;
  readonly match?: FaultMatch | undefined;
  /** How long what is slow takes, in milliseconds; a caller's timeout should be below `hangMs`. */
  readonly delayMs?: number | undefined;
  readonly lateMs?: number | undefined;
  readonly hangMs?: number | undefined;
}

/** The faults that chaos is made of. */
export const CHAOS_FAULTS = [
  'delay',
  'throttle',
  'error_before',
  'error_after',
  'proxy_error',
  'hang_before',
  'hang_after',
  'drop_before',
  'drop_after',
  'drop_midway',
  'late',
] as const;

export type ChaosName = (typeof CHAOS_FAULTS)[number];

/** Rules that together strike `rate` of all requests, evenly spread over the faults. */
export function chaosRules(chaos: Chaos): readonly FaultRule[] {
  const names = chaos.only ?? CHAOS_FAULTS;
  return names.map((name, index) => {
    // A rule sees only what the rules before it let pass, hence the growing share.
    const each = chaos.rate / names.length;
    return { match: chaos.match, fault: faultOf(name, chaos), rate: each / (1 - each * index) };
  });
}

function faultOf(name: ChaosName, chaos: Chaos): Fault {
  const { delayMs = 50, lateMs = 200, hangMs = 2_000 } = chaos;
  switch (name) {
    case 'delay':
      return { kind: 'delay', ms: delayMs };
    case 'throttle':
      return { kind: 'throttle', retryAfterSeconds: 1 };
    case 'error_before':
      return { kind: 'error', status: 503 };
    case 'error_after':
      return { kind: 'error', status: 500, stage: 'after' };
    case 'proxy_error':
      return { kind: 'error', status: 502, body: 'html' };
    case 'hang_before':
      return { kind: 'hang', maxMs: hangMs };
    case 'hang_after':
      return { kind: 'hang', stage: 'after', maxMs: hangMs };
    case 'drop_before':
      return { kind: 'drop' };
    case 'drop_after':
      return { kind: 'drop', stage: 'after' };
    case 'drop_midway':
      return { kind: 'drop', stage: 'midway' };
    case 'late':
      return { kind: 'late', ms: lateMs, maxMs: hangMs };
  }
}

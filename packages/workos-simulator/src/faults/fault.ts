/**
 * What can go wrong with one request. `before` and `after` say whether it happens before the request
 * takes effect or after; after an `after` nobody can tell from outside that it did.
 *
 * - `delay`: waits, then goes on. A caller who gives up meanwhile does not stop the effect.
 * - `throttle`: 429 with Retry-After.
 * - `error`: a 4xx or 5xx; `html` as a proxy in front of the API would send it.
 * - `hang`: never answers, until the caller gives up.
 * - `drop`: the connection breaks; `midway` breaks it after half of the answer's body.
 * - `late`: the caller hears nothing or the connection breaks, and `ms` later the request takes effect.
 * - `reply`: this answer, whatever was asked.
 * - `omit`: an answered list lacks this share of its items.
 * - `drift`: the answer has fields that nobody has heard of.
 */
export type Fault =
  | { readonly kind: 'delay'; readonly ms: number; readonly stage?: 'before' | 'after' | undefined }
  | { readonly kind: 'throttle'; readonly retryAfterSeconds?: number | undefined }
  | {
      readonly kind: 'error';
      readonly status?: number | undefined;
      readonly stage?: 'before' | 'after' | undefined;
      readonly body?: 'json' | 'html' | undefined;
    }
  | {
      readonly kind: 'hang';
      readonly stage?: 'before' | 'after' | undefined;
      readonly maxMs?: number | undefined;
    }
  | { readonly kind: 'drop'; readonly stage?: 'before' | 'after' | 'midway' | undefined }
  | {
      readonly kind: 'late';
      readonly ms: number;
      readonly then?: 'hang' | 'drop' | undefined;
      readonly maxMs?: number | undefined;
    }
  | { readonly kind: 'reply'; readonly status: number; readonly body?: unknown }
  | { readonly kind: 'omit'; readonly share?: number | undefined }
  | { readonly kind: 'drift' };

/** Which requests a rule looks at. `path` is a pattern: `*` is one segment, `**` anything. */
export interface FaultMatch {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
}

/** When a fault strikes. Without `nth`, `times` and `rate` it strikes every request that matches. */
export interface FaultRule {
  readonly match?: FaultMatch | undefined;
  readonly fault: Fault;
  /** The matching requests it strikes, counted from 1. */
  readonly nth?: readonly number[] | undefined;
  /** How often it strikes at most. */
  readonly times?: number | undefined;
  /** The share of matching requests it strikes, 0 to 1. */
  readonly rate?: number | undefined;
}

/** A rule as it is in force. */
export interface ActiveFaultRule extends FaultRule {
  readonly id: string;
  readonly seen: number;
  readonly struck: number;
}

/** A name for reports: kind and stage, such as `drop_after` or `error_before`. */
export function faultName(fault: Fault): string {
  switch (fault.kind) {
    case 'delay':
    case 'error':
    case 'hang':
    case 'drop':
      return `${fault.kind}_${fault.stage ?? 'before'}`;
    case 'late':
      return `late_${fault.then ?? 'hang'}`;
    case 'throttle':
    case 'reply':
    case 'omit':
    case 'drift':
      return fault.kind;
  }
}

/** An instant on two clocks. Ages are the greater of both, so a clock that stood still or jumped only ages. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * Reads both clocks. The monotonic one is not moved by anybody, but stands still while a machine is
 * suspended; the wall clock does not.
 */
export interface Clock {
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** The present instant. */
export function instant(clock: Clock): Instant {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}

/** Milliseconds since an instant. */
export function ageMs(clock: Clock, { monotonicMs, wallMs }: Instant): number {
  return Math.max(clock.monotonicMs() - monotonicMs, clock.wallMs() - wallMs);
}

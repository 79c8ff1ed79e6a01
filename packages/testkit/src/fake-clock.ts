/** A clock that stands still until it is told to move. */
export interface FakeClock {
  /** The time of day. */
  readonly now: () => Date;
  /** Milliseconds since some instant; never goes back. */
  readonly monotonic: () => number;
  readonly advance: (milliseconds: number) => void;
}

/** A clock that shows `start` first, 2026-01-01 unless told otherwise. */
export function fakeClock(start = new Date('2026-01-01T00:00:00.000Z')): FakeClock {
  let elapsed = 0;
  return {
    now: () => new Date(start.getTime() + elapsed),
    monotonic: () => elapsed,
    advance: (milliseconds) => {
      if (!(milliseconds >= 0))
        throw new RangeError(`a clock cannot advance by \`${milliseconds}\` ms`);
      elapsed += milliseconds;
    },
  };
}

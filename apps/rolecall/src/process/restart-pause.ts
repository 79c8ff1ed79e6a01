const FIRST_MS = 100;
const LONGEST_MS = 30_000;

/** A worker that served for this long has not failed at once, and the next one comes soon again. */
export const STEADY_MS = 60_000;

/** How long to wait before a worker that ended is replaced, by how many ended soon after their start before it. */
export function restartPauseMs(endedSoon: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(endedSoon, 16));
}

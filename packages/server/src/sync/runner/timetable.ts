import { type SnapshotWish } from '../inbound/index.ts';

/** What is done at set times, whichever runner keeps them. Times are UTC, as cron has them. */
export const timetable = {
  pull: '* * * * *',
  sweep: '* * * * *',
  sample: '47 * * * *',
  compare: '17 3 * * *',
} as const;

export type TimedWork = keyof typeof timetable;

/** What an hour and a night compare: each organization about every other day, and all of them every night. */
export const comparisons: Readonly<Record<'sample' | 'compare', SnapshotWish>> = {
  sample: { share: 0.02, atLeast: 20 },
  compare: {},
};

/** Comparing an organization as a whole: what differs, and having it mended. */
export { type Drift, findDrift, type DriftOptions, type DriftReport } from './drift.ts';
export { repair, type RepairOptions, wantSnapshot } from './repair.ts';
export { type Choice, chooseSide } from './choose-side.ts';
export {
  backfill,
  type BackfillOptions,
  type BackfillPlan,
  type BackfillProgress,
  type Tally,
} from './backfill.ts';

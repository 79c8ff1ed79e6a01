/** What is kept of each thing that is kept equal: its state, what is under way, who works on it. */
export {
  type BrakeKind,
  countRemoval,
  type Direction,
  listTrippedBrakes,
  mayRemove,
  type Release,
  releaseBrake,
  type Removal,
  tripBrake,
  type TrippedBrake,
} from './brake-store.ts';
export { type Entity, isPending, syncReasons } from './entity.ts';
export {
  type Attempt,
  deleteAttempt,
  ensureEntity,
  type EntityUpdate,
  findEntity,
  holdEntity,
  insertAttempt,
  IS_REMEMBERED,
  listAttempts,
  recordConflict,
  updateEntity,
  wakeEntities,
} from './entities-store.ts';
export {
  findLinked,
  type Lease,
  LeaseLost,
  type LinkedOrganization,
  releaseLease,
  renewLease,
  requireLease,
  takeLease,
} from './lease.ts';
export { readSettings, type SyncSettings, writeSettings } from './settings-store.ts';
export {
  type DueOrganizations,
  findMarks,
  type Heard,
  heardOf,
  listDueOrganizations,
  listManyMarked,
  listWork,
  type Mark,
  type MarkFailure,
  type MarkKind,
  nextDueInMs,
  nextDueInOrganizationMs,
  postponeMark,
  raiseMarks,
  readHeard,
  settleMark,
  type Work,
  type WorkLimits,
} from './work-store.ts';

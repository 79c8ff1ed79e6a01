/** What people are told: how it is doing, what needs them, and what to do about it. */
export { adviceFor } from './advice.ts';
export { readSyncStatus, type SyncStatus } from './status.ts';
export {
  findSyncEntity,
  listSyncEntities,
  pageEntitiesStatement,
  retryEntity,
  type SyncEntityFilter,
  type SyncEntityView,
} from './entities.ts';
export { type HeldEvent, listHeldEvents } from './events.ts';
export { readSyncAlarms, type SyncAlarms } from './alarms.ts';
export { type HeldMark, listHeldMarks, retryMark } from './marks.ts';

/** What people are told: how it is doing, what needs them, and what to do about it. */
export { adviceFor } from './advice.ts';
export {
  listSyncEntities,
  readSyncStatus,
  retryEntity,
  type SyncEntityFilter,
  type SyncEntityView,
  type SyncStatus,
} from './status.ts';

/** Doing what is due in one organization: its first snapshot, what was marked, what was changed here. */
export {
  drainOrganization,
  type DrainOptions,
  type DrainResult,
  underLease,
} from './drain-organization.ts';
export { drainEnvironment, type EnvironmentOptions } from './drain-environment.ts';
export { formatMark, isSuccessor, parseMark, RestoreGuard } from './restored.ts';
export {
  confirmRestored,
  type DatabaseMark,
  findRestoredNotice,
  readDatabaseIdentity,
  type RestoredNotice,
} from './restored-store.ts';
export { compareMemberships, compareRoles, type Comparison } from './compare-store.ts';

/** Rolecall to be embedded: writes, reads and the HTTP API on one PostgreSQL. */
export { createRolecall, type Rolecall, type RolecallOptions } from './rolecall.ts';
export { type Legacy } from './bind-legacy.ts';
export { type Attribution, type Done, type Roles } from './bind-roles.ts';
export { eachAuditHead, type Verification } from './audit/index.ts';
export { hasCode, RolecallError } from './errors/index.ts';
export {
  type Access,
  type AccessReport,
  type CheckRequest,
  type CheckResult,
  type Consistency,
  type FilterRequest,
  type FilterResult,
  type FreshnessOptions,
  type MemoryOptions,
  type PrincipalHandle,
} from './access/index.ts';
export { announcedOrganization } from './identity/index.ts';
export {
  type DirectLane,
  type Figures,
  type LogFields,
  type Logger,
  purgeIdempotencyKeys,
  renderJointFigures,
  version,
} from './http/index.ts';
export {
  type BackfillPlan,
  type BackfillProgress,
  type BackfillRequest,
  type Drift,
  type DriftReport,
  type MakeRunner,
  type RunnerReport,
  type Sync,
  type SyncHealth,
  type SyncListener,
  type SyncStatus,
  readSyncStatus,
  type WorkosConnection,
} from './sync/index.ts';

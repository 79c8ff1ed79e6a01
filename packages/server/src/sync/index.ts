/** Keeping PostgreSQL and WorkOS equal, in both directions. */
export {
  confirmRestored,
  type DatabaseMark,
  drainEnvironment,
  type EnvironmentOptions,
  drainOrganization,
  type DrainOptions,
  type DrainResult,
  findRestoredNotice,
  type RestoredNotice,
  RestoreGuard,
} from './drain/index.ts';
export {
  createWebhookReceiver,
  pullEvents,
  type PullOptions,
  type PullResult,
  replayEvents,
  type SnapshotWish,
  wantSnapshots,
  type WebhookAnswer,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from './inbound/index.ts';
export {
  createPostgresRunner,
  type MakeRunner,
  type PostgresRunnerOptions,
  type RunnerGround,
  type RunnerReport,
  type SyncRunner,
} from './runner/index.ts';
export { WrongEnvironment } from './runner/index.ts';
export {
  backfill,
  type BackfillOptions,
  type BackfillPlan,
  type BackfillProgress,
  type Choice,
  chooseSide,
  type Drift,
  type DriftOptions,
  type DriftReport,
  findDrift,
  repair,
  type RepairOptions,
} from './reconcile/index.ts';
export {
  findSyncEntity,
  type HeldEvent,
  listHeldEvents,
  listSyncEntities,
  readSyncStatus,
  retryEntity,
  type SyncEntityFilter,
  type SyncEntityView,
  type SyncStatus,
} from './report/index.ts';
export {
  type HeldMark,
  listHeldMarks,
  readSyncAlarms,
  retryMark,
  type SyncAlarms,
} from './report/index.ts';
export {
  type Direction,
  listTrippedBrakes,
  readSettings,
  type Release,
  releaseBrake,
  type SyncSettings,
  type TrippedBrake,
  writeSettings,
} from './entity/index.ts';
export {
  type BackfillRequest,
  openSync,
  type Sync,
  type SyncHealth,
  type SyncListener,
  type SyncOptions,
  type Trouble,
  type WorkosConnection,
} from './engine/index.ts';

/** The engine as a process runs it: WorkOS, the runner, the webhooks, and what people ask of it. */
export {
  openSync,
  type Sync,
  type SyncHealth,
  type SyncListener,
  type SyncOptions,
  type WorkosConnection,
} from './open-sync.ts';
export { type Trouble } from './troubles.ts';
export { type BackfillRequest } from './backfill-environment.ts';

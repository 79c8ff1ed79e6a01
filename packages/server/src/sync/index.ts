/** Keeping PostgreSQL and WorkOS equal, in both directions. */
export {
  drainEnvironment,
  type EnvironmentOptions,
  drainOrganization,
  type DrainOptions,
  type DrainResult,
} from './drain/index.ts';
export {
  createWebhookReceiver,
  pullEvents,
  type PullOptions,
  type PullResult,
  replayEvents,
  type WebhookAnswer,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from './inbound/index.ts';
export {
  createPostgresRunner,
  type PostgresRunnerOptions,
  type RunnerReport,
  type SyncRunner,
} from './runner/index.ts';

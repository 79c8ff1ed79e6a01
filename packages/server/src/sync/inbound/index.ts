/** What comes from WorkOS: webhooks that nudge, the stream of events, and what it marks. */
export {
  type EnvironmentMarkRow,
  holdEnvironmentMark,
  listEnvironmentMarks,
  postponeEnvironmentMark,
  settleEnvironmentMark,
  settleStrangers,
} from './environment-marks-store.ts';
export { releaseParked, type SnapshotWish, wantSnapshots } from './inbox-store.ts';
export { pullEvents, type PullOptions, type PullResult } from './pull.ts';
export {
  createWebhookReceiver,
  type WebhookAnswer,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from './receive.ts';
export { replayEvents } from './replay.ts';

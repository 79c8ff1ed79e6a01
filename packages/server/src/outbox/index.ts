/** Intents: what must be made equal in WorkOS, noted in the transaction that changed it. Knows nothing of WorkOS. */
export { appendIntents, intentsPart } from './append-intents.ts';
export { findSyncTroubles, type SyncTroubles } from './sync-troubles.ts';
export { type Intent, type IntentPriority, priorities } from './intent.ts';

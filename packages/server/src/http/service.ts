import { type Policy } from '@rolecall/policy';
import { type Access } from '../access/index.ts';
import { type Database } from '../database/index.ts';
import { type Sync } from '../sync/index.ts';
import { type Logger } from './logger.ts';
import { type Metrics } from './metrics.ts';
import { type WebhookRoom } from './webhook-room.ts';
import { type Readiness } from './readiness.ts';

/** What every request is answered with. */
export interface Service {
  readonly database: Database;
  readonly access: Access;
  readonly policy: Policy;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly isReady: Readiness;
  readonly isShuttingDown: () => boolean;
  /** Nothing where this process does not keep WorkOS equal. */
  readonly sync: Sync | undefined;
  readonly webhookRoom: WebhookRoom;
}

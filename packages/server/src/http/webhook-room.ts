import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { refusal } from '../errors/index.ts';

/** Resolves when one more webhook may be looked at. Throws `rate_limited`. */
export type WebhookRoom = () => Promise<void>;

const SECONDS = 10;
const WEBHOOKS = 1_000;

/**
 * As many webhooks as a process looks at in ten seconds, whoever sent them: who did is not known before the
 * signature was looked at, and addresses say nothing behind a proxy. WorkOS sends again what found no room.
 */
export function createWebhookRoom(points = WEBHOOKS): WebhookRoom {
  const limiter = new RateLimiterMemory({ points, duration: SECONDS });
  return async () => {
    try {
      await limiter.consume('webhooks');
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfterSeconds = error.msBeforeNext / 1_000;
      throw refusal('rate_limited', 'too many webhooks came at once', { retryAfterSeconds });
    }
  };
}

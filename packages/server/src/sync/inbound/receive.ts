import {
  parseWebhookEvent,
  type SignedWebhook,
  verifyWebhook,
  type WebhookDoubt,
} from '../../workos/index.ts';

export interface WebhookReceiver {
  /**
   * Whether a webhook is believed; one that is nudges the reader of events, once. It carries no data: what
   * it says is read from the stream.
   */
  readonly receive: (webhook: SignedWebhook) => WebhookAnswer;
}

export type WebhookAnswer =
  | { readonly accepted: true; readonly repeated: boolean }
  | { readonly accepted: false; readonly doubt: WebhookDoubt | 'unreadable' };

export interface WebhookReceiverOptions {
  readonly secrets: readonly string[];
  readonly nudge: () => void;
  readonly now?: () => number;
  readonly toleranceMs?: number;
}

/** How many ids are kept; a repetition that outlives them costs one read of the stream. */
const REMEMBERED = 10_000;

/** Receives webhooks: believes what is signed, and hurries the reader of events. */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  const { secrets, nudge, now = Date.now, toleranceMs } = options;
  const remembered = new Set<string>();
  return {
    receive: (webhook) => {
      const verdict = verifyWebhook(webhook, {
        secrets,
        now: now(),
        ...(toleranceMs !== undefined && { toleranceMs }),
      });
      if (!verdict.genuine) return { accepted: false, doubt: verdict.doubt };
      const event = parseWebhookEvent(new TextDecoder().decode(webhook.body));
      if (event === undefined) return { accepted: false, doubt: 'unreadable' };
      if (remembered.has(event.id)) return { accepted: true, repeated: true };
      remembered.add(event.id);
      const [oldest] = remembered;
      if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      nudge();
      return { accepted: true, repeated: false };
    },
  };
}

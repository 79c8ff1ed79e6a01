import { signWebhook, SIGNATURE_HEADER } from './signature.ts';
import type { Tampering } from './faults.ts';

/** What is put on the wire for one webhook. */
export interface WebhookMessage {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Ten minutes: well beyond the tolerance of three that the official client has. */
const STALE_MS = 600_000;

/** Signs a body for an endpoint, wrongly if `tampering` says so. */
export function composeMessage(
  endpoint: { readonly url: string; readonly secret: string },
  body: string,
  timestampMs: number,
  tampering: Tampering | null,
): WebhookMessage {
  const time = tampering === 'stale' ? timestampMs - STALE_MS : timestampMs;
  const secret = tampering === 'secret' ? `${endpoint.secret}x` : endpoint.secret;
  const signature = signWebhook(body, secret, time);
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'User-Agent': 'WorkOS Webhooks (simulated)',
  };
  if (tampering !== 'unsigned') {
    headers[SIGNATURE_HEADER] =
      tampering === 'signature'
        ? signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
        : signature;
  }
  return {
    url: endpoint.url,
    body: tampering === 'body' ? body.replace('"object":"event"', '"object":"Event"') : body,
    headers,
  };
}

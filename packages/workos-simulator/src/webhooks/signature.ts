import { createHmac } from 'node:crypto';

/** The header that carries the signature. */
export const SIGNATURE_HEADER = 'WorkOS-Signature';

/** The value of the signature header for a body sent at `timestampMs`. */
export function signWebhook(body: string, secret: string, timestampMs: number): string {
  const hash = createHmac('sha256', secret).update(`${timestampMs}.${body}`).digest('hex');
  return `t=${timestampMs}, v1=${hash}`;
}

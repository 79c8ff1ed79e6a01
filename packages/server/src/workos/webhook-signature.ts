import { createHmac, timingSafeEqual } from 'node:crypto';

/** Why a webhook is not believed. For the log: whoever sent it is told nothing but no. */
export type WebhookDoubt = 'unsigned' | 'unreadable_signature' | 'stale' | 'wrong_signature';

export type WebhookVerdict =
  | { readonly genuine: true; readonly signedAt: number }
  | { readonly genuine: false; readonly doubt: WebhookDoubt };

/** A webhook as it arrived. */
export interface SignedWebhook {
  /** The value of `WorkOS-Signature`; null when there is none. */
  readonly header: string | null;
  /** The bytes of the body, before anybody has parsed them. */
  readonly body: Uint8Array;
}

export interface WebhookTrust {
  /** More than one while a secret is being changed. An empty one is never matched. */
  readonly secrets: readonly string[];
  /** The time of day in milliseconds. */
  readonly now: number;
  /** How far the signature's time may lie before or after `now`; 3 minutes unless told otherwise. */
  readonly toleranceMs?: number;
}

/** The header that WorkOS signs with. */
export const webhookSignatureHeader = 'WorkOS-Signature';

const DEFAULT_TOLERANCE_MS = 180_000;
const LONGEST_HEADER = 1_024;

/**
 * Whether a webhook was signed with one of our secrets, over exactly this body, at about this time. Pure,
 * never throws, and takes the same time whichever secret or byte is wrong.
 */
export function verifyWebhook(webhook: SignedWebhook, trust: WebhookTrust): WebhookVerdict {
  const { header, body } = webhook;
  if (header === null || header.trim() === '') return doubtful('unsigned');
  const signature = parseHeader(header);
  if (signature === undefined) return doubtful('unreadable_signature');
  const age = trust.now - Number(signature.time);
  // Not `age > tolerance`: what is not a number must not pass.
  if (!(Math.abs(age) <= (trust.toleranceMs ?? DEFAULT_TOLERANCE_MS))) return doubtful('stale');
  return anyMatches(signature, body, trust.secrets)
    ? { genuine: true, signedAt: Number(signature.time) }
    : doubtful('wrong_signature');
}

interface Signature {
  /** Milliseconds, in the characters that were signed. */
  readonly time: string;
  readonly hashes: readonly Buffer[];
}

/** `t=<milliseconds>, v1=<hex>`: fields in any order, unknown ones ignored, one `t`, any number of `v1`. */
function parseHeader(header: string): Signature | undefined {
  if (header.length > LONGEST_HEADER) return undefined;
  const fields = header.split(',').map((field) => {
    const [name = '', ...value] = field.split('=');
    return { name: name.trim(), value: value.join('=').trim() };
  });
  const times = fields.filter((field) => field.name === 't');
  const hashes = fields.filter((field) => field.name === 'v1');
  const [time] = times;
  if (time === undefined || times.length > 1 || !/^\d{1,15}$/.test(time.value)) return undefined;
  if (hashes.length === 0 || !hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash.value))) {
    return undefined;
  }
  return { time: time.value, hashes: hashes.map((hash) => Buffer.from(hash.value, 'hex')) };
}

function anyMatches(
  { time, hashes }: Signature,
  body: Uint8Array,
  secrets: readonly string[],
): boolean {
  let matches = 0;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    for (const hash of hashes) {
      matches += Number(secret !== '' && timingSafeEqual(expected, hash));
    }
  }
  return matches > 0;
}

function doubtful(doubt: WebhookDoubt): WebhookVerdict {
  return { genuine: false, doubt };
}

/** What goes wrong with webhooks; each rate is a share of them, 0 to 1. */
export interface WebhookFaults {
  /** Never sent at all. */
  readonly drop: number;
  /** Sent twice, or more often. */
  readonly repeat: number;
  /** Held back for some time. */
  readonly delay: number;
  readonly delayMs: readonly [low: number, high: number];
  /** Held back until as many later ones as `overtakenBy` have been sent. */
  readonly reorder: number;
  readonly overtakenBy: number;
  /** Sent with something wrong with them, of the kind `tampering` says. */
  readonly tamper: number;
  readonly tampering: Tampering;
  /** Added to the time that signatures are made with, as when the clock of WorkOS is wrong. */
  readonly clockSkewMs: number;
}

/** What may be wrong with a webhook: none of these is to be accepted. */
export type Tampering = 'body' | 'signature' | 'secret' | 'stale' | 'unsigned';

export const NO_WEBHOOK_FAULTS: WebhookFaults = {
  drop: 0,
  repeat: 0,
  delay: 0,
  delayMs: [100, 2_000],
  reorder: 0,
  overtakenBy: 3,
  tamper: 0,
  tampering: 'signature',
  clockSkewMs: 0,
};

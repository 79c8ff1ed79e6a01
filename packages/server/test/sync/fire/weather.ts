import { type Fault, type FaultMatch } from '@rolecall/workos-simulator';
import { type OtherSide } from './arena.ts';
import { pick } from './random.ts';
import { type Step } from './schedule.ts';

const WRITES: readonly FaultMatch[] = [
  { method: 'PUT' },
  { method: 'POST' },
  { method: 'PATCH' },
  { method: 'DELETE' },
];
const ANY: readonly FaultMatch[] = [{}, { method: 'GET' }, { path: '/events' }, ...WRITES];

/** Makes something go wrong with the next requests of some kind. */
export function changeWeather(there: OtherSide, { a, b, c }: Step): void {
  const { faults } = there.simulator;
  if (b < 0.08) {
    faults.outage(pick(['drop', 'error', 'hang'] as const, a) ?? null);
    return;
  }
  if (b < 0.13) {
    faults.revokeKey();
    return;
  }
  if (b < 0.28) {
    const hangMs = 3_600_000;
    faults.chaos({ rate: 0.1 + a * 0.3, lateMs: pick(there.late, c), delayMs: 2_000, hangMs });
    return;
  }
  if (b < 0.34) {
    there.thinListings = true;
    return;
  }
  const match = pick(b < 0.75 ? WRITES : ANY, a);
  const fault = pick(FAULTS(pick(there.late, c) ?? 500), c);
  if (fault !== undefined)
    faults.add({ ...(match && { match }), fault, times: 1 + Math.floor(a * 3) });
}

const FAULTS = (lateMs: number): readonly Fault[] => [
  { kind: 'throttle', retryAfterSeconds: 1 },
  { kind: 'error', status: 503 },
  { kind: 'error', status: 500, stage: 'after' },
  { kind: 'error', status: 502, body: 'html' },
  { kind: 'hang' },
  { kind: 'hang', stage: 'after' },
  { kind: 'drop' },
  { kind: 'drop', stage: 'after' },
  { kind: 'drop', stage: 'midway' },
  { kind: 'delay', ms: 3_000 },
  { kind: 'delay', ms: 3_000, stage: 'after' },
  { kind: 'late', ms: lateMs },
  { kind: 'late', ms: lateMs, then: 'drop' },
  { kind: 'drift' },
  { kind: 'reply', status: 200, body: 'not what was asked for' },
];

/** Makes the stream of events misbehave. */
export function changeStreamWeather(there: OtherSide, { a, b }: Step): void {
  const { faults } = there.simulator;
  if (b < 0.35) faults.events({ rate: a, ms: [100, 20_000] });
  else if (b < 0.55) {
    faults.events({ inclusiveCursor: true });
    there.reached('I2');
  } else if (b < 0.7) {
    faults.events({ newestFirst: true });
    there.reached('I28');
  } else {
    there.history.collect();
    there.forgotten = true;
    faults.expireEvents({ keep: Math.floor(a * 3) });
  }
}

/** Makes webhooks misbehave. */
export function changeWebhookWeather(there: OtherSide, { a, b }: Step): void {
  const { faults } = there.simulator;
  const tampering =
    pick(['body', 'signature', 'secret', 'stale', 'unsigned'] as const, a) ?? 'body';
  if (b < 0.3) faults.webhooks({ drop: 0.2 + a * 0.8 });
  else if (b < 0.5) faults.webhooks({ repeat: 0.2 + a * 0.5 });
  else if (b < 0.7) faults.webhooks({ delay: a, reorder: a });
  else if (b < 0.9) faults.webhooks({ tamper: a, tampering });
  else {
    faults.webhooks({ clockSkewMs: 400_000 });
    there.reached('I24');
  }
}

/** Mends everything on the other side and in between. Late writes stay late. */
export function calm(there: OtherSide): void {
  there.simulator.faults.heal();
  there.thinListings = false;
}

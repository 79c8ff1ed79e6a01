import type { Cancel, Clock } from '../clock.ts';
import { draw, drawBetween } from '../random.ts';
import { NO_WEBHOOK_FAULTS, type Tampering, type WebhookFaults } from './faults.ts';
import { composeMessage, type WebhookMessage } from './message.ts';

/** Where webhooks are sent. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  /** The types of events it gets; all of them when null. */
  readonly events: readonly string[] | null;
}

/** How webhooks are sent when nothing is wrong. */
export interface WebhookManners {
  /** From the event to the first try; drawn, so that webhooks overtake each other by themselves. */
  readonly latencyMs: readonly [low: number, high: number];
  /** From each failed try to the next one. After the last, the webhook is given up. */
  readonly retryDelaysMs: readonly number[];
  /** Multiplies the delays of retries: 1 is production. */
  readonly retryScale: number;
  readonly timeoutMs: number;
  /** Sends one message and answers with the status. */
  readonly deliver: (message: WebhookMessage, timeoutMs: number) => Promise<number>;
}

/** Seven tries within three days. */
export const DOCUMENTED_RETRY_DELAYS_MS: readonly number[] = [
  60_000, 900_000, 7_200_000, 28_800_000, 86_400_000, 135_840_000,
];

/** One try to deliver, or the decision not to. */
export interface DeliveryRecord {
  readonly endpointId: string;
  readonly eventId: string;
  readonly event: string;
  readonly attempt: number;
  /** ISO 8601. */
  readonly at: string;
  readonly outcome: 'delivered' | 'refused' | 'unreachable' | 'dropped' | 'given_up';
  readonly status: number | null;
  readonly tampering: Tampering | null;
}

interface Parcel {
  readonly endpoint: WebhookEndpoint;
  readonly event: { readonly id: string; readonly event: string };
  readonly body: string;
  readonly copy: number;
}

/** A parcel that waits for others to overtake it, or for its patience to end. */
interface Held {
  readonly parcel: Parcel;
  overtakers: number;
}

const KEPT_RECORDS = 10_000;

/** Sends events to endpoints, as unreliably as it is told to. */
export class WebhookSender {
  readonly #seed: string;
  readonly #clock: Clock;
  readonly #manners: WebhookManners;
  readonly #endpoints = new Map<string, WebhookEndpoint>();
  readonly #scheduled = new Set<Cancel>();
  #held: Held[] = [];
  #records: DeliveryRecord[] = [];
  #inFlight = 0;
  #closed = false;
  faults: WebhookFaults = NO_WEBHOOK_FAULTS;

  constructor(seed: string, clock: Clock, manners: WebhookManners) {
    this.#seed = seed;
    this.#clock = clock;
    this.#manners = manners;
  }

  addEndpoint(endpoint: WebhookEndpoint): void {
    this.#endpoints.set(endpoint.id, endpoint);
  }

  removeEndpoint(id: string): void {
    this.#endpoints.delete(id);
  }

  endpoints(): readonly WebhookEndpoint[] {
    return [...this.#endpoints.values()];
  }

  /** What was tried, oldest first; the last ten thousand. */
  deliveries(): readonly DeliveryRecord[] {
    return this.#records.slice(-KEPT_RECORDS);
  }

  /** Webhooks that are waiting for a try or are being sent. */
  get pending(): number {
    return this.#scheduled.size + this.#inFlight;
  }

  /** Sends an event to every endpoint that wants it. */
  announce(event: { readonly id: string; readonly event: string }, body: string): void {
    for (const endpoint of this.#endpoints.values()) {
      if (endpoint.events && !endpoint.events.includes(event.event)) continue;
      this.#announceTo({ endpoint, event, body, copy: 0 });
    }
  }

  /** Sends what is held back for others to overtake. */
  releaseHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const { parcel } of held) this.#send(parcel, 0, 1);
  }

  /** Forgets what is waiting; nothing is sent afterwards. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#scheduled) cancel();
    this.#scheduled.clear();
    this.#held = [];
  }

  #announceTo(parcel: Parcel): void {
    const { faults } = this;
    if (this.#draw('drop', parcel) < faults.drop) {
      this.#record(parcel, 1, 'dropped', null, null);
      return;
    }
    if (this.#draw('reorder', parcel) < faults.reorder) {
      this.#hold(parcel);
      return;
    }
    let copies = 1;
    while (copies < 5 && this.#draw(`repeat ${copies}`, parcel) < faults.repeat) copies += 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const one = { ...parcel, copy };
      const late = this.#draw('delay', one) < faults.delay;
      const extra = late ? this.#between(faults.delayMs, 'delay by', one) : 0;
      this.#send(one, this.#between(this.#manners.latencyMs, 'latency', one) + extra, 1);
    }
    this.#letOvertake();
  }

  #hold(parcel: Parcel): void {
    const held: Held = { parcel, overtakers: 0 };
    this.#held.push(held);
    const cancel = this.#clock.schedule(() => {
      this.#scheduled.delete(cancel);
      if (!this.#held.includes(held)) return;
      this.#held = this.#held.filter((other) => other !== held);
      this.#send(parcel, 0, 1);
    }, this.faults.delayMs[1]);
    this.#scheduled.add(cancel);
  }

  #letOvertake(): void {
    for (const held of this.#held) held.overtakers += 1;
    const due = this.#held.filter((held) => held.overtakers >= this.faults.overtakenBy);
    this.#held = this.#held.filter((held) => held.overtakers < this.faults.overtakenBy);
    for (const { parcel } of due) {
      this.#send(parcel, this.#manners.latencyMs[1] + 1, 1);
    }
  }

  #send(parcel: Parcel, delayMs: number, attempt: number): void {
    if (this.#closed) return;
    const cancel = this.#clock.schedule(() => {
      this.#scheduled.delete(cancel);
      this.#inFlight += 1;
      void this.#attempt(parcel, attempt).finally(() => {
        this.#inFlight -= 1;
      });
    }, delayMs);
    this.#scheduled.add(cancel);
  }

  async #attempt(parcel: Parcel, attempt: number): Promise<void> {
    const tampered = this.#draw(`tamper ${attempt}`, parcel) < this.faults.tamper;
    const tampering = tampered ? this.faults.tampering : null;
    const time = this.#clock.now() + this.faults.clockSkewMs;
    const message = composeMessage(parcel.endpoint, parcel.body, time, tampering);
    const status = await this.#manners.deliver(message, this.#manners.timeoutMs).catch(() => null);
    if (this.#closed) return;
    const good = status !== null && status >= 200 && status < 300;
    const failed = status === null ? 'unreachable' : 'refused';
    this.#record(parcel, attempt, good ? 'delivered' : failed, status, tampering);
    if (good) return;
    const delay = this.#manners.retryDelaysMs[attempt - 1];
    if (delay === undefined) this.#record(parcel, attempt, 'given_up', status, tampering);
    else this.#send(parcel, delay * this.#manners.retryScale, attempt + 1);
  }

  #record(
    parcel: Parcel,
    attempt: number,
    outcome: DeliveryRecord['outcome'],
    status: number | null,
    tampering: Tampering | null,
  ): void {
    this.#records.push({
      endpointId: parcel.endpoint.id,
      eventId: parcel.event.id,
      event: parcel.event.event,
      attempt,
      at: new Date(this.#clock.now()).toISOString(),
      outcome,
      status,
      tampering,
    });
    if (this.#records.length >= KEPT_RECORDS * 2) this.#records = this.deliveries().slice();
  }

  #draw(what: string, parcel: Parcel): number {
    return draw(this.#seed, what, parcel.endpoint.id, parcel.event.id, parcel.copy);
  }

  #between(range: readonly [number, number], what: string, parcel: Parcel): number {
    return drawBetween(range, this.#seed, what, parcel.endpoint.id, parcel.event.id, parcel.copy);
  }
}

/** Delivers over HTTP. @throws whatever `fetch` throws when the endpoint cannot be reached in time */
export async function deliverOverHttp(message: WebhookMessage, timeoutMs: number): Promise<number> {
  const response = await fetch(message.url, {
    method: 'POST',
    headers: message.headers,
    body: message.body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  return response.status;
}

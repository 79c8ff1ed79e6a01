import { type Reservation } from './budget-store.ts';
import { type CallClass } from './call.ts';
import { workosFailure, type WorkosFailure } from './failure.ts';
import { type Lane } from './limits.ts';

export interface BudgetOptions {
  /** Takes calls out of the shared budget. */
  readonly reserve: (callClass: CallClass, lane: Lane, wanted: number) => Promise<Reservation>;
  /** How many calls are taken at once at most; 25 unless told otherwise. */
  readonly maxBatch?: number;
  /** Milliseconds since some instant; never goes back. */
  readonly monotonic: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

/** One call that asks to be sent. */
export interface BudgetRequest {
  readonly call: string;
  readonly callClass: CallClass;
  readonly lane: Lane;
  /** The longest wait for its turn. */
  readonly waitMs: number;
}

/**
 * This process's part of the shared budget: hands out what it has reserved, and reserves more when that
 * runs out. It takes a few calls at once, as many as were used up in time before, so that a busy process
 * asks the database seldom and an idle one keeps nothing from the others. What is not used within
 * a second is forgotten, because the sum over all processes holds only for calls that are sent soon.
 * Revocations queue apart from other calls and are served from both stocks.
 */
export class CallBudget {
  readonly #queues = new Map<string, BudgetQueue>();
  readonly #options: Required<BudgetOptions>;
  #closed = false;

  constructor(options: BudgetOptions) {
    this.#options = { maxBatch: 25, ...options };
  }

  /**
   * Waits for the right to send one call; resolves to the term of its reservation. Throws `paused`,
   * `budget_exhausted`, `circuit_open`, `key_stopped`, `closed`, and `database_unavailable`.
   */
  async take(request: BudgetRequest): Promise<number> {
    const { call, callClass, lane } = request;
    if (this.#closed) throw workosFailure('unavailable', 'closed', { call });
    const own = this.#queue(callClass, lane);
    const term =
      own.takeNow() ??
      (lane === 'revocation' ? this.#queue(callClass, 'ordinary').takeNow() : undefined);
    return term ?? (await own.wait(request));
  }

  /** Forgets what was reserved and not sent: something has happened that stops all calls. */
  drop(): void {
    for (const queue of this.#queues.values()) queue.drop();
  }

  /** Refuses everything that waits, and everything that comes. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) queue.close();
  }

  #queue(callClass: CallClass, lane: Lane): BudgetQueue {
    const name = `${callClass} ${lane}`;
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const reserve = this.#options.reserve;
    const made = new BudgetQueue((wanted) => reserve(callClass, lane, wanted), this.#options);
    this.#queues.set(name, made);
    return made;
  }
}

/** What is reserved and not yet handed out. */
interface Stock {
  readonly left: number;
  readonly term: number;
  readonly expiresAt: number;
}

const NO_STOCK: Stock = { left: 0, term: 0, expiresAt: Number.NEGATIVE_INFINITY };

interface Waiter {
  readonly call: string;
  readonly until: number;
  readonly resolve: (term: number) => void;
  readonly reject: (error: unknown) => void;
}

/** What was granted and not sent within this time is forgotten. */
const STOCK_MS = 1_000;
/** Asking sooner would get the tokens one by one. */
const SHORTEST_SLEEP_MS = 25;
/** Whoever comes while others sleep has to be told in time that there is no room. */
const LONGEST_SLEEP_MS = 250;

/** The calls of one class and lane that wait, and what is reserved for them. */
class BudgetQueue {
  readonly #reserve: (wanted: number) => Promise<Reservation>;
  readonly #options: Required<BudgetOptions>;
  #waiters: Waiter[] = [];
  #stock: Stock = NO_STOCK;
  #batch = 1;
  #pumping = false;
  #wake: () => void = () => undefined;

  constructor(reserve: (wanted: number) => Promise<Reservation>, options: Required<BudgetOptions>) {
    this.#reserve = reserve;
    this.#options = options;
  }

  /** The term of a call that may be sent at once; nothing when there is none, or others wait already. */
  takeNow(): number | undefined {
    const { left, term, expiresAt } = this.#stock;
    if (left === 0 || this.#waiters.length > 0) return undefined;
    if (this.#options.monotonic() >= expiresAt) return undefined;
    this.#stock = { left: left - 1, term, expiresAt };
    return term;
  }

  wait({ call, waitMs }: BudgetRequest): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ call, until: this.#options.monotonic() + waitMs, resolve, reject });
      if (!this.#pumping) void this.#pump();
    });
  }

  drop(): void {
    this.#stock = NO_STOCK;
  }

  close(): void {
    this.drop();
    this.#wake();
    this.#refuseAll((waiter) => workosFailure('unavailable', 'closed', { call: waiter.call }));
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#waiters.length > 0) await this.#serve();
    this.#pumping = false;
  }

  async #serve(): Promise<void> {
    const askedAt = this.#options.monotonic();
    this.#adaptBatch(askedAt);
    const wanted = Math.min(this.#options.maxBatch, Math.max(this.#batch, this.#waiters.length));
    let reservation: Reservation;
    try {
      reservation = await this.#reserve(wanted);
    } catch (error) {
      this.#refuseAll(() => error);
      return;
    }
    if (reservation.granted > 0) {
      this.#handOut(reservation, askedAt + STOCK_MS);
      return;
    }
    this.#refuse(reservation);
    if (this.#waiters.length > 0) await this.#sleep(reservation.waitMs);
  }

  /** More at once when the last ones did not last their second, fewer when some of them outlived it. */
  #adaptBatch(now: number): void {
    const { left, expiresAt } = this.#stock;
    const wished = now < expiresAt ? this.#batch * 2 : this.#batch - left;
    this.#batch = Math.min(this.#options.maxBatch, Math.max(1, wished));
    this.#stock = NO_STOCK;
  }

  #handOut({ granted, term }: Reservation, expiresAt: number): void {
    const served = this.#waiters.splice(0, granted);
    for (const waiter of served) waiter.resolve(term);
    this.#stock = { left: granted - served.length, term, expiresAt };
  }

  /** Refuses those who would wait in vain. */
  #refuse({ state, waitMs }: Reservation): void {
    const now = this.#options.monotonic();
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) {
      const failure = refusalFor(waiter, state, waitMs, now);
      if (failure === undefined) this.#waiters.push(waiter);
      else waiter.reject(failure);
    }
  }

  #refuseAll(reason: (waiter: Waiter) => unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason(waiter));
  }

  /** The spread keeps processes that wait for the same token from asking at the same instant. */
  #sleep(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const sleepMs = Math.min(Math.max(waitMs, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
      const timer = setTimeout(resolve, sleepMs * (1 + this.#options.random() / 5));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function refusalFor(
  waiter: Waiter,
  state: Reservation['state'],
  waitMs: number,
  now: number,
): WorkosFailure | undefined {
  const facts = { call: waiter.call, retryAfterMs: Math.ceil(waitMs) };
  switch (state) {
    case 'open':
      return workosFailure('unavailable', 'circuit_open', facts);
    case 'refused':
      return workosFailure('unauthorized', 'key_stopped', facts);
    case 'paused':
    case 'short': {
      if (now + waitMs <= waiter.until) return undefined;
      const code = state === 'paused' ? 'paused' : 'budget_exhausted';
      return workosFailure('throttled', code, facts);
    }
    case 'granted':
      return undefined;
  }
}

import { type Db } from '../database/index.ts';
import { pauseCalls, reserveCalls } from './budget-store.ts';
import {
  claimProbe,
  closeCircuit,
  type CircuitState,
  keepCircuitOpen,
  openCircuit,
  readGate,
  refuseKey,
} from './circuit-store.ts';
import { type CircuitTimings } from './circuit-timings.ts';
import { isWorkosFailure, type WorkosFailure } from './failure.ts';
import { type Buckets } from './limits.ts';

/*
 * One circuit breaker for the environment; its state is a row that all processes share.
 *
 *   closed    calls are sent. Each process counts the outages it meets in a row, without a word to anybody;
 *             at `failuresToOpen` it opens the circuit, provided that it is still the same closed time
 *             (`term`): what was sent before a recovery says nothing about what comes after it.
 *   open      WorkOS does not answer. No call is sent; from `retry_at` on, one process may send a probe.
 *   refused   WorkOS refuses the key (401, 403). As open, but the first probe may be sent at once, because
 *             a 403 can be about the one thing that was asked for; and so may that of a process with
 *             another key.
 *   probing   open or refused, and somebody holds the probe for the length of a lease. Its success closes
 *             the circuit and begins a new term; its failure leaves it as what it found, each time for
 *             twice as long. If its holder dies, the lease runs out and the next one probes.
 *
 * A process that meets a state other than closed watches the row until it is closed, tries for the probe
 * while it watches, and then tells its listeners: that is how everybody is woken.
 *
 * A process whose own key was refused stops by itself, whatever the row says, until its own probe has
 * succeeded. Otherwise an old key and a new one, during a rotation, would take turns in stopping and
 * starting the environment.
 */

export interface CircuitOptions {
  readonly db: Db;
  readonly buckets: Buckets;
  /** Sends one harmless read. Throws `WorkosFailure` when it fails. */
  readonly probe: () => Promise<unknown>;
  /** Tells keys apart without being one. */
  readonly keyFingerprint: string;
  readonly timings: CircuitTimings;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** An id that nobody else has. */
  readonly newId: () => string;
  /** Milliseconds since some instant; never goes back. */
  readonly monotonic: () => number;
}

type Listener = (state: CircuitState) => void;

/** This process's view of the circuit, and its part in closing it again. */
export class Circuit {
  readonly #options: CircuitOptions;
  readonly #listeners = new Set<Listener>();
  #state: CircuitState = 'closed';
  #term = 0;
  #outagesInARow = 0;
  #ownKeyRefused = false;
  #ownProbeAt = 0;
  #watching: Promise<void> | undefined;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** As this process knows it; `refused` also when only its own key is. */
  get state(): CircuitState {
    return this.#state;
  }

  /** Calls `listener` with every new state; returns what ends that. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Takes note of what became of a call that was sent in `term`. Resolves when others can know it too. */
  async observe(term: number, failure: WorkosFailure | undefined): Promise<void> {
    if (term < this.#term) return;
    if (term > this.#term) this.#beginTerm(term);
    if (failure?.kind === 'unauthorized') {
      await this.#refuse(term, failure.code === 'key_refused');
    } else if (failure !== undefined && isOutage(failure)) {
      this.#outagesInARow += 1;
      if (this.#outagesInARow >= this.#options.timings.failuresToOpen) await this.#open(term);
    } else {
      this.#outagesInARow = 0;
    }
  }

  /** Says that the shared state is not closed; from then on it is watched. */
  notice(state: Exclude<CircuitState, 'closed'>): void {
    this.#enter(state);
    if (!this.#ended) this.#watching ??= this.#watch();
  }

  /** Looks at the shared state now instead of at the next turn. */
  async refresh(): Promise<void> {
    const { circuit } = await readGate(this.#options.db, this.#options.buckets);
    if (circuit !== 'closed') this.notice(circuit);
    this.#wake();
  }

  /** Stops watching. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#wake();
    await this.#watching;
  }

  #beginTerm(term: number): void {
    this.#term = term;
    this.#outagesInARow = 0;
  }

  #enter(state: CircuitState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  async #open(term: number): Promise<void> {
    const { db, timings } = this.#options;
    if (await openCircuit(db, term, timings.firstRetryMs * this.#jitter())) this.notice('open');
    else await this.refresh();
  }

  async #refuse(term: number, ownKey: boolean): Promise<void> {
    if (ownKey) this.#ownKeyRefused = true;
    await refuseKey(this.#options.db, term, this.#options.keyFingerprint);
    this.notice('refused');
  }

  async #watch(): Promise<void> {
    let turnMs = 0;
    while (!this.#ended && turnMs !== DONE) {
      await this.#sleep(turnMs);
      // While the database is away nothing can be known, and whoever calls is told so.
      turnMs = await this.#look().catch(() => this.#options.timings.watchMs);
    }
  }

  /** One turn of watching; resolves to the time until the next one, or to DONE. */
  async #look(): Promise<number> {
    const { db, buckets, timings } = this.#options;
    const { circuit, term, retryInMs } = await readGate(db, buckets);
    if (circuit === 'closed') return await this.#lookWhileClosed(term);
    this.#enter(this.#ownKeyRefused ? 'refused' : circuit);
    if (await this.#probeForAll()) return 0;
    return retryInMs > 0 ? Math.min(retryInMs, timings.watchMs) : timings.watchMs / 4;
  }

  async #lookWhileClosed(term: number): Promise<number> {
    if (this.#ownKeyRefused && !(await this.#probeForOwnKey()))
      return this.#options.timings.watchMs;
    // From here to the end nothing waits: whoever notices something later begins to watch anew.
    this.#watching = undefined;
    this.#beginTerm(term);
    this.#enter('closed');
    return DONE;
  }

  /** Probes if it is time and nobody else does; true when the state has changed by it. */
  async #probeForAll(): Promise<boolean> {
    const { db, keyFingerprint: key, timings, newId } = this.#options;
    const holder = newId();
    if (!(await claimProbe(db, { holder, leaseMs: timings.probeLeaseMs, key }))) return false;
    const failure = await this.#probe();
    if (failure === undefined) {
      this.#ownKeyRefused = false;
      await closeCircuit(db, holder);
      return true;
    }
    const refused = failure.kind === 'unauthorized';
    this.#ownKeyRefused ||= failure.code === 'key_refused';
    await keepCircuitOpen(db, {
      holder,
      refusedKey: refused ? key : null,
      firstRetryMs: refused ? timings.refusedRetryMs : timings.firstRetryMs,
      maxRetryMs: timings.maxRetryMs,
      jitter: this.#jitter(),
    });
    return true;
  }

  /** Others go on with another key: finds out whether this one works again. */
  async #probeForOwnKey(): Promise<boolean> {
    const { db, buckets, timings, monotonic } = this.#options;
    this.#enter('refused');
    if (monotonic() < this.#ownProbeAt) return false;
    const ask = { callClass: 'other', lane: 'revocation', wanted: 1 } as const;
    if ((await reserveCalls(db, buckets, ask)).granted === 0) return false;
    const failure = await this.#probe();
    this.#ownProbeAt = monotonic() + timings.refusedRetryMs;
    if (failure?.kind === 'unauthorized') return false;
    this.#ownKeyRefused = false;
    return true;
  }

  /** Sends the probe; resolves to what says that WorkOS is away, or refuses us, and to nothing else. */
  async #probe(): Promise<WorkosFailure | undefined> {
    try {
      await this.#options.probe();
      return undefined;
    } catch (error) {
      if (!isWorkosFailure(error)) throw error;
      if (error.kind === 'throttled') await pauseCalls(this.#options.db, error.retryAfterMs ?? 0);
      const held = error.kind === 'unauthorized' || error.kind === 'throttled';
      return held || isOutage(error) ? error : undefined;
    }
  }

  #jitter(): number {
    return (1 + this.#options.random()) / 2;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** No time: the watch is over. */
const DONE = -1;

/** Whether a failure says that WorkOS is away; any other answer proves that it is there. */
export function isOutage(failure: WorkosFailure): boolean {
  return failure.kind === 'unavailable'
    ? failure.code !== 'closed'
    : failure.code === 'unreadable_answer';
}

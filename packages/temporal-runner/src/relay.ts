import { ChangeListener, KeyedQueue, type RunnerReport } from '@rolecall/server/runner';

/** Says in Temporal that there is something to do. Throws when it cannot be said. */
export interface Signals {
  readonly wakeOrganization: (organizationId: string) => Promise<void>;
  readonly wakeEnvironment: () => Promise<void>;
}

export interface RelayOptions {
  /** Where the database is. */
  readonly url: string;
  /** Wakes every organization in which something is due, by way of this relay. */
  readonly sweep: () => Promise<unknown>;
  readonly report: (report: RunnerReport) => void;
}

const CONCURRENCY = 16;
/** How soon Temporal is tried again that did not answer. */
const RETRY_MS = 1_000;
/** The lock of the process that relays; any number that nothing else in a database of Rolecall's uses. */
const LOCK = 7_265_730_061;
const ENVIRONMENT = 'environment';
const ORGANIZATION = 'organization ';

/**
 * Carries wake-ups from the commits to Temporal. The outbox stays in PostgreSQL: a wake-up that does not arrive is
 * made up for by the next sweep, and the process may end at any point.
 *
 *   standing by    another process relays; this one has only its own nudges to tell
 *   relaying       each commit that was announced is told
 *   out of touch   Temporal does not answer: wake-ups are let go, and everything due is told when it does
 *
 * INVARIANT (no wake-up lost): whoever begins to relay, or finds Temporal back, sweeps; and a timer sweeps anyway.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #queue: KeyedQueue;
  readonly #listener: ChangeListener;
  #signals: Signals | undefined;
  #relaying = false;
  #inTouch = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({ concurrency: CONCURRENCY, work: (key) => this.#tell(key) });
    this.#listener = new ChangeListener({
      url: options.url,
      alone: LOCK,
      heard: (organizationId) => {
        this.wake([organizationId]);
      },
      listening: () => {
        this.#relaying = true;
        if (this.#inTouch) void options.sweep();
      },
      lost: () => {
        this.#relaying = false;
      },
      failed: (error) => {
        options.report({ doing: 'listen', error });
      },
    });
  }

  /** Begins; resolves when changes are heard of, here or by another process. */
  start(): Promise<void> {
    return this.#listener.start();
  }

  /** From now on wake-ups go here. Everything that is due is told. */
  connect(signals: Signals): void {
    this.#signals = signals;
    this.#comeBack();
  }

  disconnect(): void {
    this.#signals = undefined;
    this.#inTouch = false;
    clearTimeout(this.#retry);
  }

  wake(organizationIds: readonly string[]): void {
    for (const id of organizationIds) this.#queue.kick(ORGANIZATION + id);
  }

  /** Has the events of WorkOS read. */
  nudge(): void {
    this.#queue.kick(ENVIRONMENT);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.disconnect();
    await Promise.all([this.#listener.close(), this.#queue.close()]);
  }

  async #tell(key: string): Promise<undefined> {
    const signals = this.#signals;
    if (signals === undefined || !this.#inTouch) return undefined;
    try {
      if (key === ENVIRONMENT) await signals.wakeEnvironment();
      else await signals.wakeOrganization(key.slice(ORGANIZATION.length));
    } catch (error) {
      if (signals === this.#signals) this.#loseTouch(error);
    }
    return undefined;
  }

  #loseTouch(error: unknown): void {
    this.#options.report({ doing: 'temporal', error });
    this.#inTouch = false;
    clearTimeout(this.#retry);
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.#tryAgain(), RETRY_MS);
  }

  /** One wake-up finds out for all: the environment's, which is always due. */
  async #tryAgain(): Promise<void> {
    const signals = this.#signals;
    if (signals === undefined) return;
    try {
      await signals.wakeEnvironment();
    } catch (error) {
      if (signals === this.#signals) this.#loseTouch(error);
      return;
    }
    if (signals === this.#signals) this.#comeBack();
  }

  #comeBack(): void {
    this.#inTouch = true;
    this.nudge();
    if (this.#relaying) void this.#options.sweep();
  }
}

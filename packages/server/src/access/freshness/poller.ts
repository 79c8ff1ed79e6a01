import { setTimeout as sleep } from 'node:timers/promises';
import { openOwnConnection, type OwnConnection } from '../../database/index.ts';
import { type Clock, instant, type Instant } from '../clock.ts';
import { type Poll, pollChanges } from './changes-store.ts';

export interface PollerOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** The longest that a poll may take before its connection is given up. */
  readonly timeoutMs: number;
  /** Told about every poll, with the instant at which it was sent; in order. */
  readonly polled: (poll: Poll, sentAt: Instant) => void;
  /** Told about every announcement after a poll of the same connection; true when it needs no poll. */
  readonly announced: (notification: string) => boolean;
}

/** Whether changes are announced to a poller, or found by polling alone. */
export type Announcements =
  { readonly heard: true } | { readonly heard: false; readonly notice: string };

/** Announcements in a burst that cannot be taken in by themselves hurry one poll; this is the least time between two. */
const LEAST_GAP_MS = 2;
const LONGEST_PAUSE_MS = 1_000;

/*
 * A poller is, one after the other and again from the start when its connection is lost:
 *
 *   connecting   opens a connection of its own
 *   listening    asks for announcements, unless a pooler would swallow them
 *   polling      polls at once, then at every interval or announcement
 *   pausing      waits before it connects again, longer after each failure
 *
 * It listens before it polls, so what is committed in between is found by the poll or announced.
 */
export class Poller {
  readonly #options: PollerOptions;
  #connection: OwnConnection | undefined;
  #announcements: Announcements = { heard: false, notice: NOT_CONNECTED };
  #snapshot: string | undefined;
  #hurried = false;
  /** Whether this connection has polled: before, what is announced may belong to another history. */
  #polledHere = false;
  #wake: () => void = ignore;
  readonly #closing = new AbortController();
  readonly #attempted = Promise.withResolvers<undefined>();
  #running: Promise<void> | undefined;
  #polls = 0;
  #failures = 0;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  get announcements(): Announcements {
    return this.#announcements;
  }

  get polls(): number {
    return this.#polls;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Begins; resolves after the first poll, or the first failure, which is no error. */
  start(): Promise<void> {
    this.#running ??= this.#run(() => {
      this.#attempted.resolve(undefined);
    });
    return this.#attempted.promise;
  }

  /** Stops for good, whatever it is doing. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
  }

  /** Polls soon instead of at the next interval. */
  hurry(): void {
    this.#hurried = true;
    this.#wake();
  }

  async #run(attempted: () => void): Promise<void> {
    let pauseMs = 0;
    while (this.#isOpen()) {
      try {
        const connection = await this.#connect();
        while (this.#isOpen()) {
          await this.#poll(connection);
          pauseMs = 0;
          attempted();
          await this.#pause(this.#options.intervalMs, connection.ended);
        }
      } catch {
        if (this.#isOpen()) this.#failures += 1;
      }
      this.#connection?.close();
      this.#announcements = { heard: false, notice: NOT_CONNECTED };
      attempted();
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2 + 10);
      // Nodes that lost the same server do not all come back to it in the same instant.
      await this.#pause(pauseMs * (0.5 + Math.random() / 2));
    }
  }

  #isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  async #connect(): Promise<OwnConnection> {
    const { url, timeoutMs } = this.#options;
    const connection = await openOwnConnection({
      url,
      applicationName: 'rolecall changes',
      timeoutMs,
      signal: this.#closing.signal,
    });
    this.#connection = connection;
    this.#polledHere = false;
    if (connection.direct) {
      await connection.listen('rolecall', (notification) => {
        this.#heard(notification);
      });
      this.#announcements = { heard: true };
    } else {
      this.#announcements = { heard: false, notice: POOLED };
    }
    return connection;
  }

  #heard(notification: string): void {
    try {
      if (this.#polledHere && this.#options.announced(notification)) return;
    } catch {
      // What cannot be taken in so is polled for.
    }
    this.hurry();
  }

  async #poll(connection: OwnConnection): Promise<void> {
    this.#hurried = false;
    const sentAt = instant(this.#options.clock);
    const poll = await pollChanges(connection, this.#snapshot);
    this.#options.polled(poll, sentAt);
    // Only now: what was not taken in is brought again.
    this.#snapshot = poll.snapshot;
    this.#polledHere = true;
    this.#polls += 1;
  }

  /** Waits: for the gap at least, and then until it is time, or hurried, closed, or `ended`. */
  async #pause(longestMs: number, ended?: AbortSignal): Promise<void> {
    await sleep(LEAST_GAP_MS);
    if (this.#hurried || !this.#isOpen() || ended?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        ended?.removeEventListener('abort', done);
        this.#wake = ignore;
        resolve();
      };
      const timer = setTimeout(done, longestMs);
      ended?.addEventListener('abort', done);
      this.#wake = done;
    });
  }
}

function ignore(): void {
  // nobody waits
}

const NOT_CONNECTED = 'the connection for changes is not established';
const POOLED =
  'a pooler stands between this node and PostgreSQL: changes are found by polling alone';

import { randomUUID } from 'node:crypto';
import { type Db } from '../../database/index.ts';
import { type Workos } from '../../workos/index.ts';
import { nextDueInMs } from '../entity/index.ts';
import { ChangeListener } from './change-listener.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { Routines } from './routines.ts';
import { type RunnerReport, type SyncRunner } from './runner.ts';
import { startTimers, type Timers } from './timers.ts';
import { comparisons, type TimedWork, timetable } from './timetable.ts';

export interface PostgresRunnerOptions {
  readonly db: Db;
  readonly url: string;
  readonly workos: Workos;
  /** How many organizations are worked on at once; 8 unless told otherwise. */
  readonly concurrency?: number;
  readonly leaseMs?: number;
  /** Without timers nothing is pulled or swept but when the process starts or is told; for tests. */
  readonly timers?: boolean;
  readonly report?: (report: RunnerReport) => void;
}

const CONCURRENCY = 8;
const SHORTEST_SWEEP_MS = 50;
/** How soon it is swept again when that failed, or for what has become due since; mostly it was heard of. */
const SWEEP_AGAIN_MS = 1_000;
const LONGEST_SWEEP_MS = 60_000;
const ENVIRONMENT = 'environment';
const NEVER = '-infinity';

/**
 * The default runner: the entities in PostgreSQL are the queue, claimed by lease. A commit is heard of within
 * milliseconds; what nobody heard of is found by a sweep, at the latest after a minute.
 */
export function createPostgresRunner(options: PostgresRunnerOptions): SyncRunner {
  const runner = new PostgresRunner(options);
  return {
    start: () => runner.start(),
    nudge: () => {
      runner.nudge();
    },
    close: () => runner.close(),
  };
}

class PostgresRunner {
  readonly #options: PostgresRunnerOptions;
  readonly #closing = new AbortController();
  /**
   * INVARIANT (one holder): the queue does one piece of work on an organization at a time, so a lease of this runner's
   * own is one that it could not give back, as when its connection was cut. It waits for no such lease to end.
   */
  readonly #holder = randomUUID();
  readonly #organizations: KeyedQueue;
  readonly #environment: KeyedQueue;
  readonly #routines: Routines;
  readonly #listener: ChangeListener;
  readonly #stopListening: () => void;
  #timers: Timers | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  /** Until which moment of the database's clock whatever was due has been woken. */
  #sweptUntil = NEVER;
  #plans = 0;

  constructor(options: PostgresRunnerOptions) {
    this.#options = options;
    const { concurrency = CONCURRENCY, db, url, workos, leaseMs } = options;
    this.#routines = new Routines({
      db,
      workos,
      ...(leaseMs !== undefined && { leaseMs }),
      wake: (organizationIds) => {
        for (const id of organizationIds) this.#organizations.kick(id);
      },
      report: (report) => {
        this.#report(report);
      },
    });
    this.#organizations = new KeyedQueue({ concurrency, work: (id) => this.#drain(id) });
    this.#environment = new KeyedQueue({ concurrency: 1, work: () => this.#pull() });
    this.#listener = new ChangeListener({
      url,
      heard: (organizationId) => {
        this.#organizations.kick(organizationId);
      },
      // What was committed before it listened was announced to nobody.
      listening: () => void this.#sweep(),
      failed: (error) => {
        this.#report({ doing: 'listen', error });
      },
    });
    this.#stopListening = workos.onCircuitChange((state) => {
      if (state === 'closed') this.nudge();
    });
  }

  async start(): Promise<void> {
    await this.#listener.start();
    this.nudge();
    if (this.#options.timers === false) return;
    this.#timers = await startTimers({
      url: this.#options.url,
      failed: (error) => {
        this.#report({ doing: 'timers', error });
      },
      timers: (Object.keys(timetable) as TimedWork[]).map((name) => ({
        name,
        cron: timetable[name],
        run: () => this.#keepTime(name),
      })),
    });
  }

  nudge(): void {
    this.#environment.kick(ENVIRONMENT);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#stopListening();
    await this.#timers?.close();
    await this.#listener.close();
    await Promise.all([this.#organizations.close(), this.#environment.close()]);
    clearTimeout(this.#sweepTimer);
  }

  /** Works on one organization; the time after which it is to be tried again, if it is. */
  async #drain(organizationId: string): Promise<number | undefined> {
    const doing = { signal: this.#closing.signal, holder: this.#holder };
    const { result, againInMs } = await this.#routines.drain(organizationId, doing);
    if (result === 'drained') void this.#planSweep();
    return againInMs ?? undefined;
  }

  async #pull(): Promise<number | undefined> {
    const { againInMs } = await this.#routines.pull(this.#closing.signal);
    await this.#planSweep();
    return againInMs ?? undefined;
  }

  async #sweep(): Promise<void> {
    this.#sweptUntil = (await this.#routines.sweep()) ?? NEVER;
    await this.#planSweep();
  }

  /**
   * Sweeps again when the next thing is due. INVARIANT (no wake-up lost): counted from the last sweep and not from
   * now, and of two plans the later one holds, whichever is told first.
   */
  async #planSweep(): Promise<void> {
    this.#plans += 1;
    const plan = this.#plans;
    const inMs = await nextDueInMs(this.#options.db, this.#sweptUntil).then(
      sweepDelay,
      () => SWEEP_AGAIN_MS,
    );
    if (plan !== this.#plans || this.#closing.signal.aborted) return;
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = setTimeout(() => void this.#sweep(), inMs);
  }

  async #keepTime(work: TimedWork): Promise<void> {
    if (work === 'pull') {
      this.nudge();
      return;
    }
    if (work === 'sweep') return this.#sweep();
    await this.#routines.compare(comparisons[work]);
    await this.#planSweep();
  }

  #report(report: RunnerReport): void {
    if (!this.#closing.signal.aborted) this.#options.report?.(report);
  }
}

/** A timer may end a little early by the database's clock, which would find nothing due. */
function sweepDelay(dueMs: number | null): number {
  if (dueMs === null) return LONGEST_SWEEP_MS;
  if (dueMs <= 0) return SWEEP_AGAIN_MS;
  return Math.max(SHORTEST_SWEEP_MS, Math.min(LONGEST_SWEEP_MS, Math.ceil(dueMs) + 1));
}

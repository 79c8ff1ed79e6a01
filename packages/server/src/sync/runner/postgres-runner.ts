import { type Db } from '../../database/index.ts';
import { hasCode } from '../../errors/index.ts';
import { isWorkosFailure, type Workos } from '../../workos/index.ts';
import { drainEnvironment, drainOrganization, RestoreGuard } from '../drain/index.ts';
import { LeaseLost, listDueOrganizations, nextDueInMs } from '../entity/index.ts';
import { pullEvents, type SnapshotWish, wantSnapshots } from '../inbound/index.ts';
import { ChangeListener } from './change-listener.ts';
import { EnvironmentGuard, WrongEnvironment } from './environment-guard.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { type RunnerReport, type SyncRunner } from './runner.ts';
import { startTimers, type Timers } from './timers.ts';

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
/** How soon an organization is tried again that another worker has. */
const BUSY_MS = 500;
const SHORTEST_SWEEP_MS = 50;
const LONGEST_SWEEP_MS = 60_000;
const ENVIRONMENT = 'environment';
/** What an hour compares: each organization about every other day, beside the nights. */
const SAMPLE = { share: 0.02, atLeast: 20 };

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
  readonly #organizations: KeyedQueue;
  readonly #environment: KeyedQueue;
  readonly #guard: EnvironmentGuard;
  readonly #restore: RestoreGuard;
  readonly #listener: ChangeListener;
  readonly #stopListening: () => void;
  #timers: Timers | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;

  constructor(options: PostgresRunnerOptions) {
    this.#options = options;
    const { concurrency = CONCURRENCY, url, workos } = options;
    this.#guard = new EnvironmentGuard(options.db, workos.port);
    this.#restore = new RestoreGuard(options.db, workos.port);
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
      timers: [
        { name: 'pull', cron: '* * * * *', run: () => this.#nudged() },
        { name: 'sweep', cron: '* * * * *', run: () => this.#sweep() },
        { name: 'compare', cron: '17 3 * * *', run: () => this.#compare({}) },
        { name: 'sample', cron: '47 * * * *', run: () => this.#compare(SAMPLE) },
      ],
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
    const { db, workos, leaseMs } = this.#options;
    const lease = leaseMs === undefined ? {} : { leaseMs };
    try {
      await this.#guard.confirm();
      const { signal } = this.#closing;
      const options = { db, port: workos.port, signal, restore: this.#restore, ...lease };
      const result = await drainOrganization(options, organizationId);
      if (result === 'drained') void this.#planSweep();
      return result === 'busy' ? BUSY_MS : undefined;
    } catch (error) {
      this.#report({ doing: 'drain', organizationId, error });
      return pauseAfter(error);
    }
  }

  async #pull(): Promise<number | undefined> {
    const { db, workos } = this.#options;
    try {
      await this.#guard.confirm();
      await pullEvents({ db, port: workos.port, signal: this.#closing.signal });
      await drainEnvironment({ db, port: workos.port });
      await this.#sweep();
      return undefined;
    } catch (error) {
      this.#report({ doing: 'pull', error });
      return pauseAfter(error);
    }
  }

  async #sweep(): Promise<void> {
    try {
      for (const id of await listDueOrganizations(this.#options.db)) this.#organizations.kick(id);
    } catch (error) {
      this.#report({ doing: 'sweep', error });
    }
    await this.#planSweep();
  }

  /** Sweeps again when the next thing is due. */
  async #planSweep(): Promise<void> {
    const dueMs = await nextDueInMs(this.#options.db).catch(() => null);
    clearTimeout(this.#sweepTimer);
    if (this.#closing.signal.aborted) return;
    const bounded = Math.max(SHORTEST_SWEEP_MS, Math.min(LONGEST_SWEEP_MS, dueMs ?? Infinity));
    this.#sweepTimer = setTimeout(() => void this.#sweep(), bounded);
  }

  async #compare(which: SnapshotWish): Promise<void> {
    await wantSnapshots(this.#options.db, { anew: false, ...which });
    await this.#sweep();
  }

  #nudged(): Promise<void> {
    this.nudge();
    return Promise.resolve();
  }

  #report(report: RunnerReport): void {
    if (!this.#closing.signal.aborted) this.#options.report?.(report);
  }
}

/** How long to leave something alone that could not go on. */
function pauseAfter(error: unknown): number {
  if (error instanceof LeaseLost) return BUSY_MS;
  if (error instanceof WrongEnvironment) return LONGEST_SWEEP_MS;
  if (isWorkosFailure(error)) {
    if (error.kind === 'unauthorized') return 60_000;
    if (error.code === 'circuit_open') return 30_000;
    return Math.max(1_000, error.retryAfterMs ?? 0);
  }
  return hasCode(error, 'database_unavailable') ? 1_000 : 5_000;
}

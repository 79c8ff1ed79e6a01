import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type MakeRunner,
  readDatabaseIdentity,
  Routines,
  type RunnerGround,
  type SyncRunner,
} from '@rolecall/server/runner';
import { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from './activities.ts';
import { asAway, connect, type TemporalConnection } from './connection.ts';
import { Relay } from './relay.ts';
import { ensureSchedules } from './schedules.ts';
import { createSignals } from './signals.ts';
import { taskQueueOf } from './task-queue.ts';
import { workflowBundle } from './workflow-code.ts';

export interface TemporalRunnerOptions {
  readonly connection: TemporalConnection;
  /** The task queue, and the beginning of every id; follows from the database unless told otherwise. */
  readonly taskQueue?: string;
  /** How many organizations this process works on at once; 8 unless told otherwise. */
  readonly concurrency?: number;
  readonly leaseMs?: number;
  /** Without schedules nothing is pulled or swept but when a process starts or is told; for tests. */
  readonly schedules?: boolean;
  /** The workflows, bundled beforehand; for tests that start many processes. */
  readonly bundlePath?: string;
}

const CONCURRENCY = 8;
/** Beside the organizations: the environment and what is done at set times. */
const OTHER_WORK = 2;
/** Each takes about a megabyte; one that is not kept is read again when it is woken. */
const CACHED_WORKFLOWS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** The longest call to WorkOS, and some. */
const STOP_MS = 30_000;

/** The runner on Temporal, to be given to `createRolecall` as `runner`. Nothing is connected to yet. */
export function temporalRunner(options: TemporalRunnerOptions): MakeRunner {
  return (ground): SyncRunner => {
    const runner = new TemporalRunner(ground, options);
    return {
      start: () => runner.start(),
      nudge: () => {
        runner.nudge();
      },
      close: () => runner.close(),
    };
  };
}

/**
 * A worker, and a relay. Where Temporal does not answer, both wait for it; the work waits in PostgreSQL.
 *
 *   away       tried again after a pause that grows to ten seconds
 *   working    the worker polls, wake-ups are signalled
 */
class TemporalRunner {
  readonly #ground: RunnerGround;
  readonly #options: TemporalRunnerOptions;
  readonly #routines: Routines;
  readonly #relay: Relay;
  readonly #closing = new AbortController();
  readonly #stopListening: () => void;
  readonly #onlySignalling = new AbortController();
  /** Told of the first attempt to work; none before it is started. */
  #starting: (() => void) | undefined;
  #worker: Worker | undefined;
  #living: Promise<void> | undefined;

  constructor(ground: RunnerGround, options: TemporalRunnerOptions) {
    this.#ground = ground;
    this.#options = options;
    const { db, url, workos } = ground;
    const { leaseMs } = options;
    const report = (what: Parameters<RunnerGround['report']>[0]): void => {
      if (!this.#closing.signal.aborted) ground.report(what);
    };
    this.#routines = new Routines({
      db,
      workos,
      report,
      wake: (organizationIds) => {
        this.#relay.wake(organizationIds);
      },
      ...(leaseMs !== undefined && { leaseMs }),
    });
    this.#relay = new Relay({ url, report, sweep: () => this.#routines.sweep() });
    this.#stopListening = workos.onCircuitChange((state) => {
      if (state === 'closed') this.nudge();
    });
  }

  /** Resolves when it works, or has failed to for the first time; then it goes on trying. */
  async start(): Promise<void> {
    const attempted = Promise.withResolvers<undefined>();
    await this.#relay.start();
    this.#starting = () => {
      attempted.resolve(undefined);
    };
    if (this.#living === undefined) this.#living = this.#live();
    else this.#onlySignalling.abort();
    await attempted.promise;
  }

  /** Also of use before the start, or without one: a process that only hears webhooks signals, and works on nothing. */
  nudge(): void {
    this.#relay.nudge();
    if (!this.#closing.signal.aborted) this.#living ??= this.#live();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#stopListening();
    await this.#relay.close();
    stop(this.#worker);
    await this.#living;
  }

  async #live(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = 500; this.#isOpen(); pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      const starting = this.#starting;
      try {
        await this.#goOn(() => {
          pauseMs = 500;
          starting?.();
        });
      } catch (error) {
        const { address } = this.#options.connection;
        if (this.#isOpen())
          this.#ground.report({ doing: 'temporal', error: asAway(error, address) });
      }
      starting?.();
      if (this.#isOpen() && starting === this.#starting) {
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#starting?.();
  }

  #isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  /** Signals, and once it is started works, until it is told to stop or cannot go on. */
  async #goOn(goes: () => void): Promise<void> {
    const { connection: where, schedules = true } = this.#options;
    const connection = await connect(where);
    try {
      const taskQueue =
        this.#options.taskQueue ?? taskQueueOf(await readDatabaseIdentity(this.#ground.db));
      const client = new Client({ connection, namespace: where.namespace });
      const signals = createSignals(client, taskQueue);
      if (this.#starting === undefined) {
        this.#relay.connect(signals);
        await aborted([this.#onlySignalling.signal, this.#closing.signal]);
        return;
      }
      if (schedules) await ensureSchedules(client, taskQueue);
      this.#worker = await this.#createWorker(connection, taskQueue);
      const running = this.#worker.run();
      this.#relay.connect(signals);
      goes();
      if (this.#closing.signal.aborted) stop(this.#worker);
      await running;
    } finally {
      this.#relay.disconnect();
      this.#worker = undefined;
      await connection.close();
    }
  }

  async #createWorker(connection: NativeConnection, taskQueue: string): Promise<Worker> {
    const { connection: where, concurrency = CONCURRENCY, bundlePath } = this.#options;
    const activities = createActivities({
      db: this.#ground.db,
      routines: this.#routines,
      nudge: () => {
        this.nudge();
      },
    });
    return Worker.create({
      connection,
      namespace: where.namespace,
      taskQueue,
      identity: `rolecall ${process.pid}@${hostname()}`,
      workflowBundle: bundlePath === undefined ? await workflowBundle() : { codePath: bundlePath },
      activities,
      maxConcurrentActivityTaskExecutions: concurrency + OTHER_WORK,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      // A worker that is gone leaves what only it was asked for to the others after this long.
      stickyQueueScheduleToStartTimeout: '5 seconds',
      // The SDK holds heartbeats back, by default for up to four fifths of the time in which one must come.
      maxHeartbeatThrottleInterval: '3 seconds',
      defaultHeartbeatThrottleInterval: '3 seconds',
      shutdownForceTime: STOP_MS,
    });
  }
}

/** Ends a worker, unless it has not begun or ends already. */
function stop(worker: Worker | undefined): void {
  if (worker?.getState() === 'RUNNING') worker.shutdown();
}

function aborted(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    any.addEventListener('abort', () => {
      resolve();
    });
  });
}

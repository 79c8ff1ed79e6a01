import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { FiguresOfAll } from './figures-of-all.ts';
import type { HeldAddress } from './held-address.ts';
import { restartPauseMs, STEADY_MS } from './restart-pause.ts';
import { giveOrder, hearReports, type Report } from './worker-messages.ts';

/** What the workers are started with, and where they listen. */
export interface WorkerPoolOptions {
  /** The arguments of the program for the worker of a number; numbers begin with 1. */
  readonly argumentsOf: (number: number) => readonly string[];
  readonly address: HeldAddress;
  readonly log: Logger;
}

/** A worker ended before it served; it has said why itself. */
export class WorkerDidNotStart extends Error {
  override readonly name = 'WorkerDidNotStart';
  readonly exitCode: number | null;

  constructor(exitCode: number | null) {
    super('a worker ended before it served');
    this.exitCode = exitCode;
  }
}

/**
 * One place of the pool. It is empty (`worker` is missing) while a pause lasts; else its worker starts, and
 * from `servedSince` on serves.
 */
interface Place {
  readonly number: number;
  worker?: Worker | undefined;
  servedSince?: number | undefined;
  endedSoon: number;
  pause?: NodeJS.Timeout;
}

/** Several processes that share one address. One that ends is replaced, after a pause that grows. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: Place[] = [];
  readonly #figures = new FiguresOfAll();
  #started = false;
  #closing = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all of `count` workers serve. The first goes ahead: what keeps it from starting keeps all,
   * and is said once. Throws `WorkerDidNotStart`.
   */
  async start(count: number): Promise<void> {
    // What is not plain JSON, such as NaN, survives the way from one process to the other.
    cluster.setupPrimary({ serialization: 'advanced' });
    await this.#startFirst({ number: 1, endedSoon: 0 });
    const others = Array.from({ length: count - 1 }, (_, index) => index + 2);
    await Promise.all(others.map((number) => this.#startFirst({ number, endedSoon: 0 })));
    this.#started = true;
  }

  /** Ends all workers: they have `graceMs` for the requests in flight, then are killed. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const { pause } of this.#places) clearTimeout(pause);
    const workers = this.#places.flatMap(({ worker }) => worker ?? []);
    const ends = workers.map(
      (worker) =>
        new Promise<void>(
          (resolve) =>
            void worker.once('exit', () => {
              resolve();
            }),
        ),
    );
    for (const worker of workers) giveOrder(worker, { kind: 'stop' });
    const killing = setTimeout(() => {
      for (const { number, worker } of this.#places) {
        if (worker === undefined) continue;
        this.#options.log.warn({ worker: number, pid: worker.process.pid }, 'a worker is killed');
        worker.process.kill('SIGKILL');
      }
    }, graceMs);
    await Promise.all(ends);
    clearTimeout(killing);
  }

  #startFirst(place: Place): Promise<void> {
    this.#places.push(place);
    return new Promise((resolve, reject) => {
      const worker = this.#launch(place);
      worker.once('listening', () => {
        resolve();
      });
      worker.once('exit', (code: number | null) => {
        reject(new WorkerDidNotStart(code));
      });
    });
  }

  #launch(place: Place): Worker {
    const { argumentsOf, log } = this.#options;
    cluster.setupPrimary({ args: [...argumentsOf(place.number)] });
    const worker = cluster.fork();
    place.worker = worker;
    hearReports(worker, (report) => {
      this.#hear(worker, report);
    });
    worker.once('listening', () => {
      place.servedSince = performance.now();
      log.info({ worker: place.number, pid: worker.process.pid }, 'a worker serves');
    });
    worker.on('error', (error) => {
      log.warn(
        { worker: place.number, reason: error.message },
        'a worker could not be told something',
      );
    });
    worker.once('exit', (code: number | null, signal: string | null) => {
      this.#ended(place, worker, { code, signal });
      void this.#holdAddress();
    });
    // Which of the two comes last is not certain, and only then the address is free.
    worker.once('disconnect', () => void this.#holdAddress());
    return worker;
  }

  #hear(worker: Worker, report: Report): void {
    switch (report.kind) {
      case 'ready':
        void this.#letListen(worker);
        return;
      case 'figures':
        this.#figures.take(worker, report.request, report.figures);
        return;
      case 'wantFigures':
        void this.#figures.collect(this.#serving()).then((figures) => {
          giveOrder(worker, { kind: 'figuresOfAll', request: report.request, figures });
        });
    }
  }

  async #letListen(worker: Worker): Promise<void> {
    const { address } = this.#options;
    await address.release();
    giveOrder(worker, { kind: 'listen', port: address.port });
  }

  #ended(
    place: Place,
    worker: Worker,
    how: { readonly code: number | null; readonly signal: string | null },
  ): void {
    const served = place.servedSince;
    place.worker = undefined;
    place.servedSince = undefined;
    this.#figures.forget(worker);
    if (this.#closing || (served === undefined && !this.#started)) return;
    if (served !== undefined && performance.now() - served > STEADY_MS) place.endedSoon = 0;
    const pauseMs = restartPauseMs(place.endedSoon);
    place.endedSoon += 1;
    this.#options.log.warn(
      { worker: place.number, pid: worker.process.pid, ...how, pause_ms: pauseMs },
      'a worker ended; another one takes its place',
    );
    place.pause = setTimeout(() => {
      this.#launch(place);
    }, pauseMs);
  }

  async #holdAddress(): Promise<void> {
    const { address, log } = this.#options;
    const isNeeded = (): boolean => !this.#closing && this.#serving().length === 0;
    try {
      if (this.#started) await address.holdAgain(isNeeded);
    } catch (error) {
      log.warn({ reason: String(error) }, 'the address is not held while no worker serves');
    }
  }

  #serving(): readonly Worker[] {
    return this.#places.flatMap(({ worker, servedSince }) =>
      worker === undefined || servedSince === undefined ? [] : [worker],
    );
  }
}

import type { Worker } from 'node:cluster';
import type { Figures } from '@rolecall/server';
import { giveOrder } from './worker-messages.ts';

/** One that has not told its figures by then is left out of the page. */
const PATIENCE_MS = 2_000;

interface Round {
  readonly waitFor: Set<Worker>;
  readonly heard: Map<Worker, Figures>;
  readonly finish: () => void;
}

/** Collects the figures of all workers, whichever of them is asked for the page. */
export class FiguresOfAll {
  readonly #rounds = new Map<number, Round>();
  #last = 0;

  /** Resolves to what the workers tell, in their order; those that do not answer are left out. */
  collect(workers: readonly Worker[]): Promise<readonly Figures[]> {
    const request = (this.#last += 1);
    const heard = new Map<Worker, Figures>();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(patience);
        this.#rounds.delete(request);
        resolve(workers.map((worker) => heard.get(worker)).filter((told) => told !== undefined));
      };
      const patience = setTimeout(finish, PATIENCE_MS);
      this.#rounds.set(request, { waitFor: new Set(workers), heard, finish });
      for (const worker of workers) giveOrder(worker, { kind: 'tellFigures', request });
    });
  }

  /** Takes what a worker told. */
  take(worker: Worker, request: number, figures: Figures): void {
    const round = this.#rounds.get(request);
    round?.heard.set(worker, figures);
    if (round !== undefined) settle(round, worker);
  }

  /** No longer waits for a worker that is gone. */
  forget(worker: Worker): void {
    for (const round of this.#rounds.values()) settle(round, worker);
  }
}

function settle({ waitFor, finish }: Round, worker: Worker): void {
  waitFor.delete(worker);
  if (waitFor.size === 0) finish();
}

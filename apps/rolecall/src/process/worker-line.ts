import type { Figures } from '@rolecall/server';
import { hearOrders, report } from './worker-messages.ts';

/** The line from a worker to the process that holds the address. */
export interface WorkerLine {
  /** Where it may listen, told once it is ready. */
  readonly port: Promise<number>;
  readonly stopRequested: Promise<void>;
  isStopRequested(): boolean;
  /** It could answer now. */
  ready(): void;
  /** From now on tells its figures to whom asks for them. */
  tellFigures(read: () => Promise<Figures>): void;
  /** Those of all workers that answer in time. */
  figuresOfAll(): Promise<readonly Figures[]>;
}

/** Opens the line of this process, which is a worker. */
export function openWorkerLine(): WorkerLine {
  const port = Promise.withResolvers<number>();
  const stop = Promise.withResolvers<undefined>();
  const asked = new Map<number, (figures: readonly Figures[]) => void>();
  let [stopRequested, requests] = [false, 0];
  let read: (() => Promise<Figures>) | undefined;
  hearOrders((order) => {
    switch (order.kind) {
      case 'listen':
        port.resolve(order.port);
        return;
      case 'stop':
        stopRequested = true;
        stop.resolve(undefined);
        return;
      case 'tellFigures':
        void tell(order.request, read);
        return;
      case 'figuresOfAll':
        asked.get(order.request)?.(order.figures);
        asked.delete(order.request);
    }
  });
  return {
    port: port.promise,
    stopRequested: stop.promise,
    isStopRequested: () => stopRequested,
    ready: () => {
      report({ kind: 'ready' });
    },
    tellFigures: (how) => {
      read = how;
    },
    figuresOfAll: () => {
      const request = (requests += 1);
      const { promise, resolve } = Promise.withResolvers<readonly Figures[]>();
      asked.set(request, resolve);
      report({ kind: 'wantFigures', request });
      return promise;
    },
  };
}

/** Figures that cannot be read are left out of the page, as those of a worker that does not answer. */
async function tell(request: number, read: (() => Promise<Figures>) | undefined): Promise<void> {
  const figures = await read?.().catch(() => undefined);
  if (figures !== undefined) report({ kind: 'figures', request, figures });
}

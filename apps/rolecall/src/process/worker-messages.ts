import cluster, { type Worker } from 'node:cluster';
import type { Figures } from '@rolecall/server';

/** What the process that holds the address says to one of its workers. */
export type Order =
  | { readonly kind: 'listen'; readonly port: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'tellFigures'; readonly request: number }
  | {
      readonly kind: 'figuresOfAll';
      readonly request: number;
      readonly figures: readonly Figures[];
    };

/** What a worker says to the process that holds the address. */
export type Report =
  /** It could answer now, and waits for the order to listen. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'figures'; readonly request: number; readonly figures: Figures }
  | { readonly kind: 'wantFigures'; readonly request: number };

/** Tells a worker something, unless it is gone. */
export function giveOrder(worker: Worker, order: Order): void {
  // One that ends in this very moment cannot be told any more, which its end says as well.
  if (worker.isConnected()) worker.send(order, () => undefined);
}

/** Hears what a worker says. */
export function hearReports(worker: Worker, hear: (report: Report) => void): void {
  worker.on('message', (report: Report) => {
    hear(report);
  });
}

/** Tells the process that holds the address something; it ends this one when it ends itself. */
export function report(what: Report): void {
  cluster.worker?.send(what, () => undefined);
}

/** Hears what the process that holds the address says. */
export function hearOrders(hear: (order: Order) => void): void {
  cluster.worker?.on('message', (order: Order) => {
    hear(order);
  });
}

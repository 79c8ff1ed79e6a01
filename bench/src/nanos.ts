import { setImmediate as nextTurn } from 'node:timers/promises';

/** Does something so many times; the sum of its answers, so that no engine leaves the work out. */
export type Batch = (times: number) => number | Promise<number>;

const BATCH_MS = 12;
const BATCHES = 31;

let sink = 0;

/**
 * Nanoseconds that each takes for one time: the median of batches of some milliseconds, in turns, so that
 * whatever else the machine does hits all of them alike. The first third warms up and is not counted.
 */
export async function nanosInTurns<Name extends string>(
  contestants: Readonly<Record<Name, Batch>>,
  { batches = BATCHES, batchMs = BATCH_MS } = {},
): Promise<Readonly<Record<Name, number>>> {
  const entries = Object.entries(contestants) as [Name, Batch][];
  const plans = [];
  for (const [name, batch] of entries) {
    const samples: number[] = [];
    plans.push({ name, batch, times: await timesWithin(batch, batchMs), samples });
  }
  const warmUp = Math.ceil(batches / 3);
  for (let round = -warmUp; round < batches; round += 1) {
    for (const { batch, times, samples } of plans) {
      // What keeps the process going, such as a poll, has its turn.
      await nextTurn();
      const nanos = (await timed(batch, times)) / times;
      if (round >= 0) samples.push(nanos);
    }
  }
  const medians = plans.map(({ name, samples }) => [name, median(samples)] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Nanoseconds as a person reads them. */
export function nanos(value: number): string {
  if (value < 1000) return `${value.toFixed(value < 100 ? 1 : 0)} ns`;
  if (value < 1e6) return `${(value / 1e3).toFixed(value < 1e4 ? 2 : 0)} µs`;
  if (value < 1e9) return `${(value / 1e6).toFixed(value < 1e7 ? 2 : 0)} ms`;
  return `${(value / 1e9).toFixed(2)} s`;
}

async function timesWithin(batch: Batch, batchMs: number): Promise<number> {
  let times = 1;
  // Twice over: what is compiled in the meantime makes the first guess a bad one.
  for (let pass = 0; pass < 2; pass += 1) {
    times = 1;
    let took = (await timed(batch, times)) / 1e6;
    while (took < batchMs / 4) {
      times *= 2;
      took = (await timed(batch, times)) / 1e6;
    }
    times = Math.max(1, Math.round((times * batchMs) / took));
  }
  return times;
}

async function timed(batch: Batch, times: number): Promise<number> {
  const started = process.hrtime.bigint();
  const answers = batch(times);
  const took = process.hrtime.bigint() - started;
  // Waiting counts only where there is something to wait for.
  if (typeof answers === 'number') {
    sink += answers;
    if (sink === Number.POSITIVE_INFINITY) throw new Error('an answer was no number');
    return Number(took);
  }
  sink += await answers;
  return Number(process.hrtime.bigint() - started);
}

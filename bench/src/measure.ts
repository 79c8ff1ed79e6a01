/** The latencies of one operation, in microseconds, sorted. */
export interface Latencies {
  readonly median: number;
  readonly p99: number;
  readonly count: number;
}

/**
 * Runs each operation in turns, so that whatever else the machine does hits all of them alike, and gives
 * the latencies of each. The first tenth of the rounds warms up and is not counted.
 */
export async function measureSideBySide(
  operations: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
): Promise<Record<string, Latencies>> {
  const names = Object.keys(operations);
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  const warmUp = Math.ceil(rounds / 10);
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (const name of names) {
      const started = process.hrtime.bigint();
      await operations[name]?.();
      const micros = Number(process.hrtime.bigint() - started) / 1000;
      if (round >= warmUp) samples.get(name)?.push(micros);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarise(samples.get(name) ?? [])]));
}

/** Median and 99th percentile of samples in microseconds. */
export function summarise(samples: readonly number[]): Latencies {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { median: at(0.5) ?? Number.NaN, p99: at(0.99) ?? Number.NaN, count: sorted.length };
}

/** A duration in microseconds as a person reads it. */
export function duration(micros: number): string {
  if (micros < 1) return `${(micros * 1000).toFixed(1)} ns`;
  if (micros < 1000) return `${micros.toFixed(micros < 10 ? 2 : 0)} µs`;
  if (micros < 1_000_000) return `${(micros / 1000).toFixed(micros < 10_000 ? 2 : 1)} ms`;
  return `${(micros / 1_000_000).toFixed(2)} s`;
}

/** How many times `value` is of `base`, as `1.4×`. */
export function ratio(value: number, base: number): string {
  const times = value / base;
  return `${times.toFixed(times < 10 ? 2 : times < 100 ? 1 : 0)}×`;
}

/** A count with separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

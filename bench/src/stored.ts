/** What is kept of runs: a file per suite, one for failures, and the page and plots made from them. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderChart } from './chart.ts';
import { chartFile, type Failures, renderReport, type Result } from './report.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'bench/results');
const failuresFile = join(folder, 'failures.json');

/** Keeps what a suite found; an earlier failure of it is forgotten. */
export function storeResult(result: Result): void {
  write(join(folder, `${result.name}.json`), result);
  storeFailure(result.name, undefined);
}

/** Keeps that a suite failed, or forgets it. Its last result stays. */
export function storeFailure(name: string, said: string | undefined): void {
  const failures = new Map(Object.entries(readFailures()));
  if (said === undefined) failures.delete(name);
  else failures.set(name, said);
  if (failures.size === 0) rmSync(failuresFile, { force: true });
  else write(failuresFile, Object.fromEntries(failures));
}

/** Rewrites the page and its plots from what is stored, in the order of these names. */
export function writeReport(names: readonly string[]): void {
  const results = names.flatMap((name) => readResult(name) ?? []);
  for (const result of results) {
    for (const [index, chart] of (result.charts ?? []).entries()) {
      const file = join(root, 'docs', chartFile(result, index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, renderChart(chart));
    }
  }
  writeFileSync(join(root, 'docs/benchmarks.md'), renderReport(results, readFailures()));
}

function readResult(name: string): Result | undefined {
  if (!readdirSync(folder).includes(`${name}.json`)) return undefined;
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Result;
}

function readFailures(): Failures {
  if (!readdirSync(folder).includes('failures.json')) return {};
  return JSON.parse(readFileSync(failuresFile, 'utf8')) as Failures;
}

function write(file: string, value: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * `npm run bench` measures everything, one suite after the other, and rewrites `docs/benchmarks.md`;
 * `npm run bench NAME …` measures the suites named; `npm run bench -- --small …` uses small sizes, to see
 * that they work, and stores nothing; `npm run bench -- --report` only rewrites the page from the stored results. A suite
 * that fails leaves its last result and is named on the page; the others run.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { storeFailure, writeReport } from './stored.ts';
import { type Suite, suites } from './suites/index.ts';

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith('--'));
const small = words.includes('--small');
const names = suites.map((suite) => suite.name);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no such suite: ${unknown.join(', ')}; there are: ${names.join(', ')}\n`);
  process.exit(2);
}
let failed = 0;
if (!words.includes('--report')) {
  for (const suite of suites) {
    if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
    process.stdout.write(`${suite.name}: ${suite.title} …\n`);
    const started = performance.now();
    const said = await run(suite);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stdout.write(`${suite.name}: ${said ?? 'done'} after ${seconds} s\n`);
    if (said === undefined) continue;
    failed += 1;
    if (!small) storeFailure(suite.name, said);
  }
}
if (!small) writeReport(names);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a suite in a process of its own, so that none warms up, fills or breaks another; what it died of. */
async function run({
  name,
  nodeFlags = [],
  limitSeconds = 600,
}: Suite): Promise<string | undefined> {
  const script = join(import.meta.dirname, 'run-suite.ts');
  const child = spawn(
    process.execPath,
    [...nodeFlags, script, name, ...(small ? ['--small'] : [])],
    {
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  let tail = '';
  child.stderr.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    tail = (tail + chunk.toString()).slice(-4000);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitSeconds * 1000);
  const outcome = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  clearTimeout(timer);
  if (outcome.code === 0) return undefined;
  const error = /^\w*Error.*$/m.exec(tail)?.[0];
  return `failed (${error ?? outcome.signal ?? `exit code ${String(outcome.code)}`})`;
}

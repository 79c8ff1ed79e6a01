/**
 * `npm run bench` measures everything and rewrites `docs/benchmarks.md`; `npm run bench <suite> …`
 * measures the suites named; `npm run bench -- --report` only rewrites the page from the stored results.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describeMachine } from './machine.ts';
import { renderReport, type Result } from './report.ts';
import { type Suite, suites } from './suites/index.ts';

const root = join(import.meta.dirname, '../..');
const resultsFolder = join(root, 'bench/results');

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  const names = suites.map((suite) => suite.name).join(', ');
  process.stderr.write(`no such suite: ${unknown.join(', ')}; there are: ${names}\n`);
  process.exit(2);
}
if (!words.includes('--report')) {
  for (const suite of suites) {
    if (wanted.length === 0 || wanted.includes(suite.name)) await run(suite);
  }
}
writeFileSync(join(root, 'docs/benchmarks.md'), renderReport(storedResults()));

async function run(suite: Suite): Promise<void> {
  process.stdout.write(`${suite.name}: ${suite.title} …\n`);
  const started = performance.now();
  const { postgresVersion, ...found } = await suite.run();
  const result: Result = {
    name: suite.name,
    title: suite.title,
    ...found,
    machine: describeMachine(postgresVersion),
    measuredOn: new Date().toISOString().slice(0, 10),
  };
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, `${suite.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  for (const row of result.rows) process.stdout.write(`  ${row.join('  ')}\n`);
  process.stdout.write(`${suite.name}: done in ${seconds} s\n`);
}

function storedResults(): Result[] {
  const order = new Map(suites.map((suite, index) => [suite.name, index]));
  return readdirSync(resultsFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(resultsFolder, file), 'utf8')) as Result)
    .sort((a, b) => (order.get(a.name) ?? 99) - (order.get(b.name) ?? 99));
}

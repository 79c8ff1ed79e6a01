/** `node run-suite.ts NAME [--small]`: one suite in a process of its own; stores what it finds, unless small. */
import { loadavg } from 'node:os';
import { describeMachine } from './machine.ts';
import { type Result } from './report.ts';
import { storeResult } from './stored.ts';
import { suites } from './suites/index.ts';

const [name = '', size] = process.argv.slice(2);
const suite = suites.find((one) => one.name === name);
if (suite === undefined) throw new Error(`there is no suite \`${name}\``);

const small = size === '--small';
const [loadAverage = 0] = loadavg();
const started = performance.now();
const { postgresVersion, ...found } = await suite.run({ small });
const result: Result = {
  name: suite.name,
  title: suite.title,
  ...found,
  machine: describeMachine(postgresVersion),
  measuredOn: new Date().toISOString().slice(0, 10),
  loadAverage: Number(loadAverage.toFixed(2)),
  tookSeconds: Math.round((performance.now() - started) / 1000),
};
if (!small) storeResult(result);
for (const table of [result, ...(result.more ?? [])]) {
  for (const row of table.rows) process.stdout.write(`  ${row.join('  ')}\n`);
}
for (const { work, found: value, target, reached } of result.targets ?? []) {
  process.stdout.write(`  ${reached ? 'reached' : 'MISSED '}  ${work}: ${value} (${target})\n`);
}
process.exit(0);

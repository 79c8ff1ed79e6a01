/**
 * Ends a CI run: `main.ts <report.json> <steps passed> <steps failed>` prints the plain closing line and
 * exits with 1 when anything failed or is missing.
 */
import { readFileSync } from 'node:fs';
import { type Excuse, judge, type TestReport } from './verdict.ts';

const excuses: readonly Excuse[] = [
  {
    title: /for an ordinary user|for root \(skipped for everybody else\)/,
    reason: 'two halves of a pair: each user can run only one',
  },
  {
    title: /^a network that swallows everything is an outage$/,
    reason: 'waits for minutes; `npm run test:long` has it',
  },
  {
    title: /runs PostgreSQL 15, which has no builtin locale$/,
    reason: 'CI has a step of its own on PostgreSQL 15',
  },
];

const [file = '', stepsPassed = '0', stepsFailed = '1'] = process.argv.slice(2);
const verdict = judge(readReport(), excuses);
for (const title of verdict.missing) process.stdout.write(`did not run: ${title}\n`);
const passed = verdict.passed + Number(stepsPassed);
const failed = verdict.failed + Number(stepsFailed);
process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
process.exitCode = failed === 0 && verdict.passed > 0 ? 0 : 1;

/** No report means that no test ran, which is a failure of its own. */
function readReport(): TestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport;
  } catch {
    return { testResults: [{ name: file, status: 'failed', assertionResults: [] }] };
  }
}

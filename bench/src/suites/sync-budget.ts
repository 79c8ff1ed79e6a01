import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator } from '@rolecall/workos-simulator';
import { startBenchDatabase } from '../bench-database.ts';
import { count } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** Four processes that call as much as they may, counted by whom they call. */
export const syncBudget: Suite = {
  name: 'sync-budget',
  title: 'Calls to WorkOS by four processes',
  run,
};

const PROCESSES = 4;
const WINDOW_MS = 10_000;
const SHARE = 0.8;

async function run({ small }: RunOptions): Promise<Findings> {
  const calls = small ? 100 : 1_000;
  const postgres = await startBenchDatabase({ durable: true });
  const limit = { calls, windowMs: WINDOW_MS };
  const limits = { all: limit, userReads: limit, userWrites: limit };
  const simulator = await startSimulator({ rateLimits: 'off', requestLogSize: 1_000_000 });
  const file = join(import.meta.dirname, '../servers/budget-caller.ts');
  const children = Array.from({ length: PROCESSES }, () =>
    fork(file, [postgres.url, simulator.url, simulator.apiKey, JSON.stringify(limits)]),
  );
  try {
    await Promise.all(children.map((child) => once(child, 'message')));
    await sleep(small ? 6_000 : 60_000);
    for (const child of children) child.kill('SIGKILL');
    const times = simulator.requests.list().map(({ at }) => Date.parse(at));
    const fullest = fullestWindow(times);
    return {
      method:
        `${PROCESSES} processes of 20 callers each share one budget in PostgreSQL and call a simulator of WorkOS ` +
        `that counts and refuses nothing. The limit is ${count(calls)} calls in any ${WINDOW_MS / 1000} s; ` +
        `Rolecall takes ${SHARE * 100} % of it.`,
      columns: ['calls', 'in the fullest window', 'budget of a window', 'limit', 'kept'],
      rows: [
        [
          count(times.length),
          count(fullest),
          count(calls * SHARE),
          count(calls),
          fullest > 0 && fullest <= calls * SHARE ? 'yes' : 'NO',
        ],
      ],
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await simulator.close();
    await postgres.close();
  }
}

/** The most calls in any window, wherever it begins. */
function fullestWindow(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  let [fullest, begin] = [0, 0];
  sorted.forEach((time, end) => {
    while (time - (sorted[begin] ?? 0) >= WINDOW_MS) begin += 1;
    fullest = Math.max(fullest, end - begin + 1);
  });
  return fullest;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../database/index.ts';
import { isWorkosFailure, openWorkos, type WorkosLimits } from '../index.ts';

/** What the parent tells a process that calls WorkOS as fast as it may. */
export interface BudgetTask {
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly limits: WorkosLimits;
  readonly membership: string;
  readonly forMs: number;
  readonly concurrency: number;
}

/** What it has to say at the end. */
export interface BudgetReport {
  readonly sent: number;
  /** Calls that found no room in time. */
  readonly exhausted: number;
  readonly otherFailures: readonly string[];
}

async function run(task: BudgetTask): Promise<BudgetReport> {
  const database = openDatabase({ url: task.databaseUrl, maxConnections: 3 });
  const { db } = database;
  const { apiKey, apiUrl, limits } = task;
  const workos = openWorkos({ db, apiKey, apiUrl, limits });
  const { port } = workos;
  const calls = [
    () => port.getMembership(task.membership, { waitMs: 500 }),
    () => port.setMembershipRoles(task.membership, ['member'], { waitMs: 500 }),
    () => port.setMembershipRoles(task.membership, ['member'], { waitMs: 500, lane: 'revocation' }),
    () => port.listEnvironmentRoles({ waitMs: 500 }),
  ];
  let sent = 0;
  let exhausted = 0;
  const otherFailures: string[] = [];
  const until = performance.now() + task.forMs;
  const worker = async (offset: number): Promise<void> => {
    for (let turn = offset; performance.now() < until; turn += 1) {
      try {
        await calls[turn % calls.length]?.();
        sent += 1;
      } catch (error) {
        if (isWorkosFailure(error, 'budget_exhausted')) exhausted += 1;
        else otherFailures.push(String(error));
        await sleep(1);
      }
    }
  };
  await Promise.all(Array.from({ length: task.concurrency }, (_, index) => worker(index)));
  await workos.close();
  await database.close();
  return { sent, exhausted, otherFailures };
}

process.once('message', (task: BudgetTask) => {
  void run(task).then((report) => {
    process.send?.(report, () => {
      process.disconnect();
    });
  });
});

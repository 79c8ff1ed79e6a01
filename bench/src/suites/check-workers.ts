import { startBenchDatabase } from '../bench-database.ts';
import { loadInTurns } from '../load/in-turns.ts';
import { count, duration, ratio } from '../measure.ts';
import { type ServingRolecall, startServe } from '../servers/start-serve.ts';
import { prepareChecks, seedCheckedMembers } from '../workload/check-requests.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** Checks over HTTP by one process and by several behind one address. */
export const checkWorkers: Suite = {
  name: 'check-workers',
  title: 'Checks over HTTP, by one process and by several',
  run,
};

const WORKERS = [1, 2];
const CONNECTIONS = 32;
const ROUNDS = 5;

async function run({ small }: RunOptions): Promise<Findings> {
  const seconds = small ? 1 : 3;
  const postgres = await startBenchDatabase({ durable: false });
  const served: ServingRolecall[] = [];
  try {
    const members = await seedCheckedMembers(postgres);
    for (const workers of WORKERS) served.push(await startServe(postgres.url, workers));
    const rows: string[][] = [];
    for (const checks of [1, 100]) {
      const requests = prepareChecks(members, checks);
      const found = await loadInTurns(served, {
        requests,
        connections: CONNECTIONS,
        rounds: ROUNDS,
        seconds,
        warmUpSeconds: 2 * seconds,
      });
      const alone = found[0]?.perSecond ?? Number.NaN;
      for (const [index, round] of found.entries()) {
        rows.push([
          String(checks),
          String(WORKERS[index]),
          count(round.perSecond),
          ratio(round.perSecond, alone),
          duration(round.p50 * 1000),
          duration(round.p99 * 1000),
          duration(round.processorMicros),
        ]);
      }
    }
    return {
      method:
        '`rolecall serve` as one process and with `--workers`, both running, asked in turns in five rounds of ' +
        `${String(seconds)} seconds by ${String(CONNECTIONS)} connections, each of which asks again as soon as it is answered; the medians count. ` +
        `${members.description}. \`LOG_LEVEL\` is \`warn\`. The load comes from the same machine, so it takes part of the cores ` +
        'from the workers: on two cores, two of them have one and a half at best.',
      columns: [
        'checks a call',
        'workers',
        'calls per second',
        'against one',
        'p50',
        'p99',
        'processor time of all, a call',
      ],
      rows,
      postgresVersion: postgres.version,
      reading: [],
    };
  } finally {
    for (const one of served) await one.stop();
    await postgres.close();
  }
}

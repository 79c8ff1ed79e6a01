import { startSimulator } from '@rolecall/workos-simulator';
import { startTemporalServer } from '../../../packages/temporal-runner/test/server/start.ts';
import { writeBundle } from '../../../packages/temporal-runner/test/write-bundle.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration, summarise } from '../measure.ts';
import { TemporalWorkers } from '../workload/temporal-workers.ts';
import { ManyOrganizations } from '../workload/many-organizations.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** Two workers that share the work of many organizations, and what becomes of it when one is killed. */
export const temporalShare: Suite = {
  name: 'temporal-share',
  title: 'Workers on Temporal that share the work, and the death of one',
  run,
  limitSeconds: 900,
};

/** What an answer of WorkOS takes; without it a single process would be done before the other has begun. */
const ANSWER_MS = 100;

async function run({ small }: RunOptions): Promise<Findings> {
  const organizations = small ? 20 : 200;
  const postgres = await startBenchDatabase({ durable: true });
  const simulator = await startSimulator({ rateLimits: 'off', requestLogSize: 1 });
  const [temporal, bundlePath] = await Promise.all([startTemporalServer(), writeBundle()]);
  const told = [postgres.url, simulator.url, simulator.apiKey, temporal.address, bundlePath];
  const workers = new TemporalWorkers(told, temporal.address);
  try {
    const many = new ManyOrganizations(postgres.open(8).db, simulator, organizations);
    await many.make();
    await workers.start();
    await many.allConfirmed();
    simulator.faults.add({ fault: { kind: 'delay', ms: ANSWER_MS } });
    const alone = await many.changeAll();
    await workers.start();
    await many.changeAll();
    const sharing = await workers.shareOf(() => many.changeAll());
    const death = await many.changeAll(() => workers.killFirst());
    const after = await many.changeAll();
    const [more = 0, less = 0] = sharing.shares.toSorted((one, other) => other - one);
    return {
      method:
        `A role is changed in each of ${count(organizations)} organizations, by eight writers at once; an organization is done ` +
        'when the change is confirmed, which is looked at every 50 ms. Workers are processes with what suits production (eight ' +
        `organizations at once each); WorkOS is simulated, not throttled, and takes ${ANSWER_MS} ms to answer; Temporal is its development ` +
        'server, with a file. All of them are on this machine. One worker is killed (SIGKILL) when a quarter of the organizations ' +
        'are done; times are then from the kill.',
      columns: ['workers', 'organizations', 'until all are done', 'p50', 'p99'],
      rows: [
        rowOf('one', alone.times),
        rowOf('two', sharing.result.times),
        rowOf('two, one of which is killed: from the kill', death.times),
        rowOf('the one that is left', after.times),
      ],
      reading: [
        `Of the pieces of work, one of the two workers did ${count(more)} and the other ${count(less)}.`,
        'What the killed worker had in its hands is missed after ten seconds, the time after which a silent worker is taken for dead; everything else goes on at once.',
      ],
      versions: { temporal: temporal.version },
      postgresVersion: postgres.version,
    };
  } finally {
    await workers.close();
    await temporal.close();
    await simulator.close();
    await postgres.close();
  }
}

function rowOf(what: string, times: readonly number[]): string[] {
  const { median, p99 } = summarise(times.map((ms) => ms * 1_000));
  const all = duration(Math.max(...times) * 1_000);
  return [what, count(times.length), all, duration(median), duration(p99)];
}

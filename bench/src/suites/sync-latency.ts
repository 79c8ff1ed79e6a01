import { createRolecall } from '@rolecall/server';
import { startSimulator } from '@rolecall/workos-simulator';
import { startBenchDatabase } from '../bench-database.ts';
import { duration, summarise } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

const warmUp = 30;

/** From the commit of a change to the first call that WorkOS sees of it. */
export const syncLatency: Suite = {
  name: 'sync-latency',
  title: 'From commit to the first call at WorkOS',
  run,
};

async function run({ small }: RunOptions): Promise<Findings> {
  const rounds = small ? 20 : 300;
  const postgres = await startBenchDatabase({ durable: true });
  const arrivals = new Arrivals();
  const simulator = await startSimulator({
    rateLimits: 'off',
    observe: ({ method, url }) => {
      arrivals.note(method, url);
    },
  });
  const { id: workosId } = simulator.dashboard.createOrganization({ name: 'Acme' });
  const rolecall = createRolecall({
    database: postgres.open(8),
    workos: { apiKey: simulator.apiKey, apiUrl: simulator.url },
  });
  try {
    await rolecall.sync?.start();
    await rolecall.roles.createOrganization({ id: 'acme', name: 'Acme', workosId });
    const { value: role } = await rolecall.roles.createRole('acme', { name: 'Role', grants: [] });
    const settled = async (): Promise<void> => {
      for (;;) {
        const status = await rolecall.sync?.readStatus('acme');
        if (status?.pending === 0 && status.comparing === 0 && status.marked === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await settled();
    const [first, sent]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds + warmUp; round += 1) {
      arrivals.clear();
      await rolecall.roles.updateRole('acme', { roleId: role.id, name: `Role ${String(round)}` });
      const committed = performance.now();
      await settled();
      if (round < warmUp) continue;
      first.push(Math.max(0, arrivals.first() - committed) * 1_000);
      sent.push(Math.max(0, arrivals.write() - committed) * 1_000);
    }
    return {
      method:
        `A role is renamed ${String(rounds)} times, each time after the one before has arrived; one process, a durable ` +
        'PostgreSQL, a simulated WorkOS over HTTP. The clock starts when the command has returned, and stops when ' +
        'WorkOS has answered the first call about it, which observes the role, and the one that changes it.',
      columns: ['until WorkOS has answered', 'p50', 'p99'],
      rows: [
        rowOf('the first call (target: p50 below 25 ms)', first),
        rowOf('the call that makes the change', sent),
      ],
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await rolecall.close();
    await simulator.close();
    await postgres.close();
  }
}

function rowOf(what: string, samples: readonly number[]): string[] {
  const { median, p99 } = summarise(samples);
  return [what, duration(median), duration(p99)];
}

/** When WorkOS answered what, since it was last cleared; polls of the stream of events aside. */
class Arrivals {
  #first = Number.NaN;
  #write = Number.NaN;

  clear(): void {
    this.#first = Number.NaN;
    this.#write = Number.NaN;
  }

  note(method: string, url: string): void {
    if (!url.includes('/authorization/organizations/')) return;
    const now = performance.now();
    if (Number.isNaN(this.#first)) this.#first = now;
    if (method === 'PATCH' && Number.isNaN(this.#write)) this.#write = now;
  }

  first(): number {
    return this.#first;
  }

  write(): number {
    return this.#write;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import { type Database } from '@rolecall/server/database';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { revokeRole } from '../../../packages/server/src/access/fixtures/deciding-write.ts';
import { startNodeProcess } from '../../../packages/server/src/access/fixtures/node-process.ts';
import {
  type PostgresProxy,
  startPostgresProxy,
} from '../../../packages/server/src/access/fixtures/postgres-proxy.ts';
import { createAccess } from '../../../packages/server/src/access/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration, summarise } from '../measure.ts';
import { atMost } from '../target.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What nodes answer while they cannot hear of revocations. */
export const bound: Suite = {
  name: 'bound',
  title: 'Never an answer beyond the bound',
  limitSeconds: 900,
  run,
};

const BOUND_MS = 500;
const POLL_MS = 200;
const ORGANIZATIONS = 50;

/** A node in trouble. Questions are answered with whether it is allowed. */
interface Node {
  readonly ask: (victim: Victim) => Promise<boolean>;
  readonly begin: () => void;
  readonly end: () => void;
  readonly close: () => Promise<void>;
}

interface Victim {
  readonly organizationId: string;
  readonly userId: string;
  readonly roleId: string;
  readonly project: string;
}

interface Found {
  readonly late: number;
  readonly latencies: readonly number[];
}

async function run({ small }: RunOptions): Promise<Findings> {
  const trials = small ? 200 : 10_000;
  const batch = small ? 100 : 500;
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const database = postgres.open(16);
    const rows: string[][] = [];
    let late = 0;
    for (const [name, start] of Object.entries(troubles)) {
      const ids = await seedMany(postgres.url, {
        prefix: name.replaceAll(/[^a-z]/g, ''),
        organizations: ORGANIZATIONS,
        membersPerOrganization: Math.ceil(trials / ORGANIZATIONS) + 2,
      });
      const found = await inTrouble(database, ids, await start(database), { trials, batch });
      const { median, p99 } = summarise(found.latencies);
      const most = Math.max(...found.latencies);
      late += found.late;
      rows.push([
        name,
        count(found.latencies.length),
        String(found.late),
        ...[median, p99, most].map((micros) => duration(micros)),
      ]);
    }
    return {
      method:
        `Revocations are committed while a node with a bound of ${BOUND_MS} ms, which polls every ${POLL_MS} ms, cannot ` +
        'hear of them, or only by the poll. Each one who lost a role is asked about again and again until denied. ' +
        'Late is an allowed answer to a question that was asked, or could only be looked at because the node went ' +
        'on, after the bound had passed since the commit. A test beside the code shows that a node without a bound ' +
        'does answer late.',
      columns: ['trouble', 'revocations', 'late', 'median to denied', 'p99', 'most'],
      rows,
      targets: [
        atMost(
          `answers beyond the bound, over ${count(trials)} revocations in each of four troubles`,
          late,
          0,
          {
            show: count,
            why: 'This is a defect.',
          },
        ),
      ],
      reading: [
        'The times go beyond the bound where the node cannot answer at all: a stopped process answers when it goes on, and then denies.',
      ],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

const nothing = (): void => undefined;

const troubles: Readonly<Record<string, (database: Database) => Promise<Node>>> = {
  'notifications lost': (database) =>
    behindProxy(database, (proxy) => {
      proxy.announce(() => 'dropped');
      return { begin: nothing, end: nothing };
    }),
  'the poller’s connection cut': (database) =>
    behindProxy(database, (proxy) => ({
      begin: () => {
        proxy.cut();
      },
      end: () => {
        proxy.mend();
      },
    })),
  'the poller’s connection silent': (database) =>
    behindProxy(database, (proxy) => ({
      begin: () => {
        proxy.stall();
      },
      end: () => {
        proxy.mend();
      },
    })),
  'SIGSTOP and SIGCONT': async ({ url }) => {
    const node = await startNodeProcess({ url, boundMs: BOUND_MS, pollIntervalMs: POLL_MS });
    return {
      ask: async ({ organizationId, userId, project }) => {
        const principal = `user:${userId}`;
        const question = { organizationId, principal, scope: 'project:read', resourceId: project };
        const reply = await node.ask({ ...question, scope: 'project:read' });
        if (typeof reply === 'object') throw new Error(reply.failed);
        return reply === 'allowed';
      },
      begin: () => {
        node.freeze();
      },
      end: () => {
        node.thaw();
      },
      close: () => node.close(),
    };
  },
};

async function behindProxy(
  database: Database,
  trouble: (proxy: PostgresProxy) => Pick<Node, 'begin' | 'end'>,
): Promise<Node> {
  const proxy = await startPostgresProxy(database.url);
  const access = createAccess({
    database: { ...database, url: proxy.url },
    policy: builtinPolicy,
    freshness: { boundMs: BOUND_MS, pollIntervalMs: POLL_MS },
  });
  await access.start();
  return {
    ...trouble(proxy),
    ask: async ({ organizationId, userId, project }) =>
      (await access.principal(organizationId, `user:${userId}`)).can('project:read', project),
    close: async () => {
      await access.close();
      await proxy.close();
    },
  };
}

async function inTrouble(
  { db }: Database,
  ids: SeededIds,
  node: Node,
  { trials, batch }: { readonly trials: number; readonly batch: number },
): Promise<Found> {
  let late = 0;
  const latencies: number[] = [];
  for (let first = 0; first < trials; first += batch) {
    const victims = Array.from({ length: batch }, (_, nth) => victimOf(ids, first + nth));
    const before = await Promise.all(victims.map((victim) => node.ask(victim)));
    if (before.includes(false)) throw new Error('somebody is denied before the revocation');
    let wentOnAt = 0;
    node.begin();
    const watched = victims.map(async (victim) => {
      await revokeRole(db, victim.organizationId, victim);
      const committedAt = performance.now();
      for (;;) {
        const askedAt = performance.now();
        const allowed = await node.ask(victim);
        if (!allowed) {
          latencies.push((performance.now() - committedAt) * 1000);
          return;
        }
        // Not looked at before the node went on, if it did while the question waited.
        const lookedAt = Math.max(askedAt, wentOnAt);
        if (lookedAt >= committedAt + BOUND_MS) late += 1;
        await sleep(5 + Math.random() * 20);
      }
    });
    await sleep(BOUND_MS * (1.2 + Math.random() / 2));
    wentOnAt = performance.now();
    node.end();
    await Promise.all(watched);
  }
  await node.close();
  return { late, latencies };
}

function victimOf(ids: SeededIds, nth: number): Victim {
  const organization = 1 + (nth % ORGANIZATIONS);
  const member = 2 + Math.floor(nth / ORGANIZATIONS);
  const role = ((member + 1) % 20) + 1;
  return {
    organizationId: ids.organization(organization),
    userId: ids.user(organization, member),
    roleId: ids.role(organization, role),
    project: ids.project(role, 1),
  };
}

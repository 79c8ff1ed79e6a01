import { createRolecall, type Rolecall } from '@rolecall/server';
import { openDatabase, query } from '@rolecall/server/database';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { Client } from 'pg';
import { type BenchDatabase, startBenchDatabase } from '../bench-database.ts';
import { count, duration, ratio, summarise } from '../measure.ts';
import { median } from '../nanos.ts';
import { atMost } from '../target.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** A role gets other grants, with all that belongs to it, by one writer and by many. */
export const roleWrite: Suite = { name: 'role-write', title: 'Writing a role', run };

const WRITERS = 32;

async function run({ small }: RunOptions): Promise<Findings> {
  const seconds = small ? 1 : 5;
  const turns = small ? 1 : 3;
  const postgres = await startBenchDatabase({ durable: true });
  const listener = new Client({ connectionString: postgres.url });
  try {
    const ids = await seedMany(postgres.url, { organizations: 64, membersPerOrganization: 20 });
    await linkAll(postgres);
    await makeSilence(postgres);
    let heard = 0;
    await listener.connect();
    listener.on('notification', () => (heard += 1));
    await listener.query('LISTEN rolecall');
    const loud = openDatabase({ url: postgres.url, maxConnections: WRITERS });
    const silentUrl = new URL(postgres.url);
    // The commands call `pg_notify` without naming its schema, and find this one first.
    silentUrl.searchParams.set('options', '-c search_path=silence,pg_catalog,public');
    const silent = openDatabase({ url: silentUrl.href, maxConnections: WRITERS });
    const withNotification = createRolecall({ database: loud });
    const without = createRolecall({ database: silent });

    const alone: number[] = [];
    const rounds = small ? 50 : 1_000;
    for (let round = -rounds / 10; round < rounds; round += 1) {
      const started = performance.now();
      await write(withNotification, ids, 1 + (Math.abs(round) % 64), round);
      if (round >= 0) alone.push((performance.now() - started) * 1000);
    }
    const rates = { with: [] as number[], without: [] as number[] };
    const together: number[] = [];
    await commitsPerSecond(withNotification, ids, 1, []);
    await commitsPerSecond(without, ids, 1, []);
    for (let turn = 0; turn < turns; turn += 1) {
      rates.with.push(await commitsPerSecond(withNotification, ids, seconds, together));
      const heardBefore = heard;
      await query(loud.db, { text: 'SELECT 1', values: [] });
      rates.without.push(await commitsPerSecond(without, ids, seconds, []));
      if (heard - heardBefore > WRITERS) throw new Error('the silent writers notify');
    }
    if (heard === 0) throw new Error('nobody was notified');
    const intents = await query(loud.db, {
      text: 'SELECT FROM rolecall.sync_entities LIMIT 1',
      values: [],
    });
    if (intents.length === 0) throw new Error('no intent was written');
    await Promise.all([loud.close(), silent.close()]);
    const one = summarise(alone);
    const many = summarise(together);
    const loudRate = median(rates.with);
    const silentRate = median(rates.without);
    return {
      method:
        'A role gets another name and ten other grants, with audit event, change record, intent and notification ' +
        'in one transaction, on a PostgreSQL that waits for its disk, with one listener. First one writer alone; then ' +
        `${WRITERS} writers, each in organizations of its own, ${String(turns)} times ${String(seconds)} s with the notification and as long ` +
        'without it, in turns.',
      columns: ['', 'median', 'p99', 'commits per second'],
      rows: [
        ['one writer', duration(one.median), duration(one.p99), count(1e6 / one.median)],
        [`${WRITERS} writers`, duration(many.median), duration(many.p99), count(loudRate)],
        [`${WRITERS} writers, without notification`, '', '', count(silentRate)],
        ['without against with', '', '', ratio(silentRate, loudRate)],
      ],
      targets: [
        atMost('role write, with audit, intent and notification, p99', one.p99, 10_000, {
          show: duration,
          why: 'A commit waits for the disk; its slowest writes decide.',
        }),
      ],
      reading: [
        'A transaction that notifies takes a lock of the whole cluster at its commit, so commits with a notification are written one after the other.',
      ],
      postgresVersion: postgres.version,
    };
  } finally {
    await listener.end();
    await postgres.close();
  }
}

/** Intents are noted in organizations that are linked to WorkOS, and only there. */
async function linkAll(postgres: BenchDatabase): Promise<void> {
  const { db } = postgres.open(1);
  await query(db, {
    text: `UPDATE rolecall.organizations SET workos_id = 'org_' || id`,
    values: [],
  });
}

/** A `pg_notify` that does nothing, for the comparison. */
async function makeSilence(postgres: BenchDatabase): Promise<void> {
  const { db } = postgres.open(1);
  await query(db, { text: 'CREATE SCHEMA silence', values: [] });
  await query(db, {
    text: `CREATE FUNCTION silence.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''`,
    values: [],
  });
}

async function write(
  rolecall: Rolecall,
  ids: SeededIds,
  organization: number,
  turn: number,
): Promise<void> {
  const role = 1 + (Math.abs(turn) % 20);
  await rolecall.roles.updateRole(ids.organization(organization), {
    roleId: ids.role(organization, role),
    // A name is sent to WorkOS, grants are not: without one there would be no intent.
    name: `Role ${role} of turn ${turn}`,
    grants: [
      {
        scope: 'project:read',
        selectors: Array.from({ length: 10 }, (_, nth) => ({
          resource_kind: 'project',
          resource_id: `project-${String(turn)}-${String(nth)}`,
        })),
      },
    ],
  });
}

async function commitsPerSecond(
  rolecall: Rolecall,
  ids: SeededIds,
  seconds: number,
  latencies: number[],
): Promise<number> {
  const started = performance.now();
  const until = started + seconds * 1000;
  let commits = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let turn = Math.floor(started); performance.now() < until; turn += 1) {
        const begun = performance.now();
        await write(rolecall, ids, 1 + writer * 2 + (turn % 2), turn);
        latencies.push((performance.now() - begun) * 1000);
        commits += 1;
      }
    }),
  );
  return (commits * 1000) / (performance.now() - started);
}

import { createRolecall, type Rolecall } from '@rolecall/server';
import { type Database, inTransaction, openDatabase, query } from '@rolecall/server/database';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { Client } from 'pg';
import { type BenchDatabase, startBenchDatabase } from '../bench-database.ts';
import { count, duration, measureSideBySide, ratio, summarise } from '../measure.ts';
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

    await query(loud.db, { text: 'CREATE TABLE public.bare (turn integer)', values: [] });
    const measured = await measureSideBySide(
      {
        write: turnsOf((turn) => write(withNotification, ids, 1 + (turn % 64), turn)),
        bare: turnsOf((turn) => commitBare(loud, turn)),
      },
      small ? 50 : 1_000,
    );
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
    const { write: one, bare } = measured;
    if (one === undefined || bare === undefined) throw new Error('nothing was measured');
    const many = summarise(together);
    const loudRate = median(rates.with);
    const silentRate = median(rates.without);
    return {
      method:
        'A role gets another name and ten other grants, with audit event, change record, intent and notification ' +
        'in one transaction, on a PostgreSQL that waits for its disk, with one listener. First one writer alone, in turns with a bare commit, a transaction that inserts one row; then ' +
        `${WRITERS} writers, each in organizations of its own, ${String(turns)} times ${String(seconds)} s with the notification and as long ` +
        'without it, in turns.',
      columns: ['', 'median', 'p99', 'commits per second'],
      rows: [
        ['a bare commit', duration(bare.median), duration(bare.p99), count(1e6 / bare.median)],
        ['one writer', duration(one.median), duration(one.p99), count(1e6 / one.median)],
        [
          'one writer against a bare commit',
          ratio(one.median, bare.median),
          ratio(one.p99, bare.p99),
          '',
        ],
        [`${WRITERS} writers`, duration(many.median), duration(many.p99), count(loudRate)],
        [`${WRITERS} writers, without notification`, '', '', count(silentRate)],
        ['without against with', '', '', ratio(silentRate, loudRate)],
      ],
      targets: [
        atMost('role write, with audit, intent and notification, p99', one.p99, 10_000, {
          show: duration,
          why: `A commit waits for the disk, whose slowest writes decide: one row, committed in turns with it, took ${duration(bare.p99)}.`,
        }),
      ],
      reading: [
        'The notification goes behind the commit, in a transaction of its own that does not wait for the disk: inside, it would take a lock of the whole cluster while its commit does.',
        'A write waits for the database twice: for the lock with what is read, and for the rows with the commit.',
      ],
      postgresVersion: postgres.version,
    };
  } finally {
    await listener.end();
    await postgres.close();
  }
}

/** An operation that is told which turn it is. */
function turnsOf(run: (turn: number) => Promise<unknown>): () => Promise<unknown> {
  let turn = 0;
  return () => run((turn += 1));
}

/** What a transaction costs that does nothing worth mentioning. */
function commitBare({ db }: Database, turn: number): Promise<unknown> {
  return inTransaction(db, (tx) =>
    query(tx, { name: 'bare', text: 'INSERT INTO public.bare VALUES ($1)', values: [turn] }),
  );
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

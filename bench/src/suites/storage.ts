import { type Db, query } from '@rolecall/server/database';
import { seedMany } from '@rolecall/testkit';
import { startBenchDatabase } from '../bench-database.ts';
import { count } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What a membership takes in PostgreSQL, with everything that comes with it. */
export const storage: Suite = { name: 'storage', title: 'Room in PostgreSQL', run };

const ROLES = 20;
const SHAPES = [100, 1_000] as const;

async function run({ small }: RunOptions): Promise<Findings> {
  const members = small ? 5_000 : 200_000;
  const postgres = await startBenchDatabase({ durable: false });
  const { db } = postgres.open(2);
  try {
    const rows: string[][] = [];
    for (const each of SHAPES) {
      const before = await bytesOf(db);
      await seedMany(postgres.url, {
        prefix: `of-${each}`,
        organizations: members / each,
        membersPerOrganization: each,
        rolesPerOrganization: ROLES,
      });
      await query(db, { text: 'VACUUM ANALYZE' });
      const bytes = (await bytesOf(db)) - before;
      rows.push([
        count(members / each),
        count(members),
        `${count(bytes / 1024 / 1024)} MiB`,
        `${count(bytes / members)} bytes`,
        `${count(bytes / (members / each) / 1024)} KiB`,
      ]);
    }
    return {
      method:
        `Organizations with ${ROLES} roles and so many members, each a user with a membership and a role; tables, indexes and ` +
        'what is beside them (`pg_total_relation_size`), after a vacuum. The history of changes comes on top.',
      columns: ['organizations', 'memberships', 'altogether', 'a membership', 'an organization'],
      rows,
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

async function bytesOf(db: Db): Promise<number> {
  const [row] = await query<{ readonly bytes: number }>(db, {
    text: `SELECT sum(pg_total_relation_size(c.oid))::float8 AS bytes FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'rolecall' AND c.relkind = 'r'`,
  });
  return row?.bytes ?? 0;
}

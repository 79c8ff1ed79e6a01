import { Client } from 'pg';
import { seedStatements, type SeedSizes } from './seed-statements.ts';
import { seededIds, type SeededIds } from './seeded-ids.ts';

export interface SeedPlan {
  readonly organizations: number;
  readonly membersPerOrganization: number;
  /** Roles of its own that each organization has; 20 unless told otherwise. */
  readonly rolesPerOrganization?: number;
  /** Of those, how many each member holds; 1 unless told otherwise. */
  readonly rolesPerMember?: number;
  /** 10 unless told otherwise. */
  readonly grantsPerRole?: number;
  /** Direct grants of each member; none unless told otherwise. */
  readonly grantsPerMember?: number;
  /** Whether WorkOS knows the people and memberships too: as `user_` and `om_` before their id; not unless told otherwise. */
  readonly isLinked?: boolean;
  /** What the ids begin with; `seed` unless told otherwise. */
  readonly prefix?: string;
  readonly onProgress?: (step: string, elapsedMs: number) => void;
}

const TABLES = [
  'organizations',
  'organization_state',
  'users',
  'memberships',
  'roles',
  'assignments',
  'grants',
];

/** From here on it is faster to make the indexes afterwards, in one go. */
const REBUILD_FROM_MEMBERS = 20_000;

/**
 * Makes very many rows at once, for plans and benchmarks; a million memberships take about a minute.
 * Members join three in a second, in the order of their numbers; the first of each organization is its
 * admin. The tables are vacuumed and analyzed afterwards. Needs a superuser: triggers are off meanwhile.
 */
export async function seedMany(url: string, plan: SeedPlan): Promise<SeededIds> {
  const { onProgress = () => undefined, ...given } = plan;
  const sizes: SeedSizes = {
    rolesPerOrganization: 20,
    rolesPerMember: 1,
    grantsPerRole: 10,
    grantsPerMember: 0,
    isLinked: false,
    prefix: 'seed',
    ...given,
  };
  const client = new Client({ connectionString: url, application_name: 'rolecall seed' });
  await client.connect();
  const start = performance.now();
  const run: Run = async (step, sql) => {
    await client.query(sql);
    onProgress(step, Math.round(performance.now() - start));
  };
  try {
    await client.query('BEGIN');
    // Foreign keys and counters are right by construction, and slow to look after row by row.
    await client.query('SET LOCAL session_replication_role = replica');
    // VACUUM marks no page as visible to all when commits may still be lost.
    await client.query('SET SESSION synchronous_commit = on');
    await client.query(`SET LOCAL maintenance_work_mem = '512MB'`);
    await client.query(`SET LOCAL work_mem = '128MB'`);
    const many = sizes.organizations * sizes.membersPerOrganization >= REBUILD_FROM_MEMBERS;
    const indexes = many ? await dropIndexes(client) : [];
    for (const [step, sql] of seedStatements(sizes)) await run(step, sql);
    for (const { name, definition } of indexes) await run(`index ${name}`, definition);
    await client.query('COMMIT');
    await run(
      'vacuum',
      `VACUUM (ANALYZE) ${TABLES.map((table) => `rolecall.${table}`).join(', ')}`,
    );
  } finally {
    await client.end();
  }
  return seededIds(sizes.prefix);
}

type Run = (step: string, sql: string) => Promise<void>;

interface Index {
  readonly name: string;
  readonly definition: string;
}

/** Drops the indexes of the big tables that belong to no constraint; what they were is the answer. */
async function dropIndexes(client: Client): Promise<readonly Index[]> {
  const { rows } = await client.query<Index>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
       JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid IN ('rolecall.memberships'::regclass, 'rolecall.assignments'::regclass, 'rolecall.grants'::regclass)
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX rolecall.${name}`);
  return rows;
}

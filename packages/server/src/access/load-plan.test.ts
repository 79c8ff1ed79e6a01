import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query, type Statement } from '../database/index.ts';
import { changeStatements } from './freshness/changes-store.ts';
import { loadStatements } from './load-store.ts';
import { warmStatements } from './warm-store.ts';

/*
 * The plans of the load at scale: many organizations, and one that is as large as all of them together.
 * 1,000,000 memberships in the long run, 10,000 otherwise. Nothing sequential but the two tables of a
 * handful of rows; nothing but the organization's state, which every write changes, read from the heap.
 */
const LONG = process.env['ROLECALL_LONG'] === '1';
const MEMBERSHIPS = LONG ? 1_000_000 : 10_000;
const PER_ORGANIZATION = LONG ? 100 : 10;

const test = await createTestDatabase({ statementTimeoutMs: 0, maxConnections: 1 });
const { db } = test;
afterAll(() => test.close());

const sql = (text: string, values: unknown[] = []): Promise<unknown[]> =>
  query(db, { text, values });

beforeAll(async () => {
  // Keys and counters are other tests' business, and would take most of the time.
  await sql(`SET session_replication_role = replica`);
  await sql(`DROP INDEX rolecall.memberships_search`);
  await sql(
    `INSERT INTO rolecall.users (id) SELECT 'u' || n FROM generate_series(1, $1::int) AS n`,
    [MEMBERSHIPS],
  );
  await sql(
    `WITH made AS (
       INSERT INTO rolecall.organizations (id, name)
         SELECT 'o' || n, 'o' || n FROM generate_series(0, $1::int) AS n RETURNING id)
     INSERT INTO rolecall.organization_state (organization_id, enforcement) SELECT id, 'enforced' FROM made`,
    [MEMBERSHIPS / PER_ORGANIZATION],
  );
  // `o0` has every user as a member, each of the others a hundred of them.
  for (const organization of [`'o0'`, `'o' || (1 + n % ${MEMBERSHIPS / PER_ORGANIZATION})`]) {
    await sql(
      `INSERT INTO rolecall.memberships (organization_id, user_id, status)
         SELECT ${organization}, 'u' || n, 'active' FROM generate_series(1, $1::int) AS n`,
      [MEMBERSHIPS],
    );
  }
  await sql(
    `INSERT INTO rolecall.roles (organization_id, id, kind)
       SELECT o.id, g.id, 'global' FROM rolecall.organizations o, rolecall.global_roles g`,
  );
  await sql(
    `INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
       SELECT m.organization_id, m.id, g.id, m.joined_at
         FROM rolecall.memberships m, rolecall.global_roles g WHERE g.slug = 'member'`,
  );
  await sql(
    `INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
       SELECT organization_id, id, 'project:read', 'allow', 'p' || n
         FROM rolecall.roles, generate_series(1, 10) AS n`,
  );
  await sql(
    `INSERT INTO rolecall.legacy_grants (organization_id, slug, role_id, scope, effect, resource_id)
       SELECT organization_id, 's-' || id, id, 'project:write', 'allow', 'p' || n
         FROM rolecall.roles, generate_series(1, 10) AS n`,
  );
  await sql(
    `INSERT INTO rolecall.grants (organization_id, membership_id, scope, effect, resource_id)
       SELECT organization_id, id, 'project:read', 'allow', 'p1' FROM rolecall.memberships
         WHERE user_id LIKE '%7'`,
  );
  await sql(`SET session_replication_role = origin`);
  await sql(
    `INSERT INTO rolecall.changes (organization_id, revision, xid, what)
       SELECT 'o' || n, 1, n::text::xid8, '{}' FROM generate_series(1, $1::int) AS n`,
    [MEMBERSHIPS / PER_ORGANIZATION],
  );
  await sql(
    `INSERT INTO rolecall.api_key_changes (xid, api_key_id)
       SELECT (1 + n % 100)::text::xid8, gen_random_uuid() FROM generate_series(1, 20000) AS n`,
  );
  await sql(`VACUUM ANALYZE`);
}, 1_200_000);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** The plan of a statement: when prepared, the one that it settles on, which does not know the values. */
async function planOf(
  { name, text }: Statement,
  values: readonly string[],
): Promise<readonly PlanNode[]> {
  const mode = name === undefined ? 'force_custom_plan' : 'force_generic_plan';
  await sql(`SET plan_cache_mode = ${mode}`);
  await sql(`PREPARE plan_test AS ${text}`);
  try {
    const literals = values.map((value) => `'${value}'`).join(', ');
    const [row] = (await sql(
      `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE plan_test (${literals})`,
    )) as { 'QUERY PLAN': readonly { Plan: PlanNode }[] }[];
    return row === undefined ? [] : row['QUERY PLAN'].flatMap(({ Plan }) => nodes(Plan));
  } finally {
    await sql(`DEALLOCATE plan_test`);
    await sql(`RESET plan_cache_mode`);
  }
}

function nodes(plan: PlanNode): readonly PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

const scansOf = (plan: readonly PlanNode[]): readonly string[] =>
  plan
    .filter((node) => node['Relation Name'] !== undefined)
    .map((node) => `${node['Node Type']} ${node['Index Name'] ?? node['Relation Name'] ?? ''}`)
    .sort();

describe(`the plans of the load at ${MEMBERSHIPS} memberships`, () => {
  it.each([
    ['a member of one organization of many', ['o77', 'u76']],
    ['a member of the largest organization', ['o0', 'u17']],
    ['nobody', ['o0', 'nobody']],
  ])('reads %s through indexes alone', async (_, values) => {
    const plan = await planOf(loadStatements.user, values);
    expect(scansOf(plan)).toEqual([
      'Index Only Scan assignments_pkey',
      'Index Only Scan grants_of_membership',
      'Index Only Scan grants_of_role',
      'Index Only Scan memberships_load',
      'Index Only Scan users_deleted',
      'Index Scan organization_state_pkey',
      'Seq Scan environment',
      'Seq Scan global_roles',
    ]);
    const most = Math.max(...plan.map((node) => node['Actual Rows'] * node['Actual Loops']));
    expect(most).toBeLessThanOrEqual(10);
  });

  it('reads what roles are granted by their slugs through one index more', async () => {
    const scans = scansOf(await planOf(loadStatements.user, ['o0', 'u17']));
    const both = scansOf(await planOf(loadStatements.userByBothKeys, ['o0', 'u17']));
    expect(both).toEqual([...scans, 'Index Only Scan legacy_grants_of_role'].sort());
  });

  it('reads a member of an organization that is known through indexes alone', async () => {
    const plan = await planOf(warmStatements.member, ['o0', 'u17']);
    expect(scansOf(plan)).toEqual([
      'Index Only Scan assignments_pkey',
      'Index Only Scan grants_of_membership',
      'Index Only Scan memberships_load',
      'Index Only Scan users_deleted',
      'Index Scan organization_state_pkey',
    ]);
  });

  it.each(['roles', 'rolesByBothKeys'] as const)(
    'reads %s through indexes alone',
    async (statement) => {
      const [role] = (await sql(`SELECT id FROM rolecall.global_roles LIMIT 1`)) as {
        id: string;
      }[];
      const plan = await planOf(warmStatements[statement], ['o0', `{${role?.id ?? ''}}`]);
      const scans = scansOf(plan);
      expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([
        'Seq Scan environment',
        'Seq Scan global_roles',
      ]);
      expect(scans).toContain('Index Only Scan grants_of_role');
      expect(scans.includes('Index Only Scan legacy_grants_of_role')).toBe(statement !== 'roles');
    },
  );

  it('reads what an organization has become through indexes alone', async () => {
    const plan = await planOf(warmStatements.since, ['o7', '0']);
    expect(scansOf(plan)).toEqual([
      'Index Scan changes_pkey',
      'Index Scan organization_state_pkey',
      'Seq Scan environment',
    ]);
  });

  it('polls without reading what was seen before', async () => {
    const last = MEMBERSHIPS / PER_ORGANIZATION;
    const plan = await planOf(changeStatements.poll, [`${last - 1}:${last + 1}:${last - 1}`]);
    expect(scansOf(plan)).toEqual([
      'Index Only Scan api_key_changes_pkey',
      'Index Only Scan api_key_changes_pkey',
      'Index Scan changes_poll',
      'Index Scan changes_poll',
      'Seq Scan environment',
    ]);
    const most = Math.max(...plan.map((node) => node['Actual Rows'] * node['Actual Loops']));
    expect(most).toBeLessThanOrEqual(1);
  });
});

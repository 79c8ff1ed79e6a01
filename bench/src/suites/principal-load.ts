import { type Db, query } from '@rolecall/server/database';
import { seedMany } from '@rolecall/testkit';
import { loadPrincipal } from '../../../packages/server/src/access/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { duration, measureSideBySide, ratio } from '../measure.ts';
import { type Findings, type Suite } from './index.ts';

const organizations = 100;
const members = 1000;
const rounds = 3000;

/** One load against the cheapest statement there is, and against what people write instead. */
export const principalLoad: Suite = {
  name: 'principal-load',
  title: 'Loading one principal',
  run,
};

async function run(): Promise<Findings> {
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const shapes = [
      { roles: 1, grants: 10 },
      { roles: 3, grants: 10 },
      { roles: 10, grants: 10 },
    ];
    const rows: string[][] = [];
    for (const { roles, grants } of shapes) {
      const ids = await seedMany(postgres.url, {
        prefix: `with-${String(roles)}`,
        organizations,
        membersPerOrganization: members,
        rolesPerMember: roles,
        grantsPerRole: grants,
      });
      const { db, close } = postgres.open(1);
      let turn = 0;
      const next = (): readonly [string, string] => {
        turn += 1;
        const organization = 1 + (turn % organizations);
        const member = 2 + ((turn * 7919) % (members - 2));
        return [ids.organization(organization), ids.user(organization, member)];
      };
      const found = await measureSideBySide(
        {
          one: () => query(db, { name: 'select_1', text: 'SELECT 1', values: [] }),
          load: () => {
            const [organization, user] = next();
            return loadPrincipal(db, organization, `user:${user}`);
          },
          three: () => loadInThree(db, ...next()),
        },
        rounds,
      );
      await close();
      const { one, load, three } = found;
      if (one === undefined || load === undefined || three === undefined) continue;
      rows.push([
        String(roles),
        String(roles * grants),
        duration(one.median),
        duration(load.median),
        ratio(load.median, one.median),
        duration(three.median),
        ratio(three.median, load.median),
        duration(load.p99),
      ]);
    }
    return {
      method:
        'One principal, chosen at random among 100,000 memberships, is loaded in Rolecall’s one statement; ' +
        'beside it, in turns on the same connection, `select 1`, and the three statements (membership, ' +
        'role ids, grants) that hosts write by hand.',
      columns: [
        'roles held',
        'grant rows',
        '`select 1`',
        'one statement',
        'against `select 1`',
        'three statements',
        'three against one',
        'p99 of one',
      ],
      rows,
      reading: ['Target: at most 3× of `select 1` up to 100 grant rows.'],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

/** What a host writes that does not think about snapshots: three statements, each prepared and indexed. */
async function loadInThree(db: Db, organization: string, user: string): Promise<unknown> {
  const [membership] = await query<{ id: string }>(db, {
    name: 'three_membership',
    text: `SELECT id, status FROM rolecall.memberships
      WHERE organization_id = $1 AND user_id = $2 AND deleted_at IS NULL`,
    values: [organization, user],
  });
  const roles = await query<{ role_id: string }>(db, {
    name: 'three_roles',
    text: `SELECT role_id FROM rolecall.assignments WHERE organization_id = $1 AND membership_id = $2`,
    values: [organization, membership?.id],
  });
  return query(db, {
    name: 'three_grants',
    text: `SELECT role_id, scope, effect, resource_id, dimensions FROM rolecall.grants
      WHERE organization_id = $1 AND role_id = ANY($2::uuid[])`,
    values: [organization, roles.map((row) => row.role_id)],
  });
}

import { explain, type Plan, type PlanNode } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Statement } from '../../../src/database/index.ts';
import { createRole, deleteRole, setMemberRoles, updateRole } from '../../../src/roles/index.ts';
import {
  listDueOrganizations,
  nextDueInMs,
  nextDueInOrganizationMs,
} from '../../../src/sync/entity/index.ts';
import {
  backfill,
  chooseSide,
  drainEnvironment,
  drainOrganization,
  findDrift,
  listHeldEvents,
  listHeldMarks,
  listSyncEntities,
  pullEvents,
  readSyncAlarms,
  readSyncStatus,
  releaseBrake,
  repair,
  replayEvents,
  RestoreGuard,
  retryEntity,
  wantSnapshots,
  writeSettings,
} from '../../../src/sync/index.ts';
import { openWorld, type World } from '../../../src/sync/test/world.ts';
import { recordStatements, type RecordingDb } from './recording-db.ts';
import { LARGE, LINK_ALL, seedSync } from './seed-sync.ts';

/*
 * How PostgreSQL runs the statements of the sync beside very many organizations: every one that the engine sends
 * while it does all that it can do is explained, with the plan for its values and the one for any values, for the
 * organization at hand and for one that is larger than all others. 1,000,000 memberships, 10,000 organizations and
 * 1,000,000 events in the long run; 20,000, 900 and 20,000 otherwise.
 */
const LONG = process.env['ROLECALL_LONG'] !== undefined;
const SIZES = LONG
  ? { organizations: 10_000, membersPerOrganization: 90, large: 100_000, events: 1_000_000 }
  : { organizations: 900, membersPerOrganization: 20, large: 2_000, events: 20_000 };

/** Tables that have a handful of rows, or one for each process. */
const SMALL = new Set([
  'environment',
  'global_roles',
  'sync_cursors',
  'sync_settings',
  'workos_environment',
  'workos_gate',
]);

let world: World;
let recorded: RecordingDb;

beforeAll(
  async () => {
    world = await openWorld({
      before: ({ dashboard }) => {
        const organization = 'Acme';
        dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
        dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
        for (let index = 0; index < 30; index += 1) {
          dashboard.addMember({ organization, user: `user${index}@acme.test` });
        }
      },
    });
    await seedSync(world.test.url, SIZES);
    recorded = recordStatements(world.test.db);
    await liveThrough(world, recorded);
    await world.rows(LINK_ALL);
    // Of the comparisons that were asked for all the time, few are left to be made, as it is by day.
    await world.rows(`UPDATE rolecall.sync_organizations SET snapshot_done = snapshot_wanted
      WHERE random() > 0.001`);
    await world.rows('VACUUM ANALYZE');
  },
  LONG ? 1_800_000 : 300_000,
);
afterAll(() => world.close());

/** Everything that the engine does, once. */
async function liveThrough(
  { workos, simulator, context, organizationId, run, member, rows }: World,
  { db }: RecordingDb,
): Promise<void> {
  const { port } = workos;
  const options = { db, port, restore: new RestoreGuard(db, port) };
  const { dashboard } = simulator;
  const organization = 'Acme';
  const settle = async (): Promise<void> => {
    await pullEvents({ db, port });
    await drainEnvironment({ db, port });
    await drainOrganization(options, organizationId);
  };
  // Who is due elsewhere is nobody's work here: those organizations exist in no WorkOS.
  await rows(
    `UPDATE rolecall.sync_environment_marks SET next_attempt_at = now() + interval '1 day'`,
  );
  await settle();
  const bob = await member('user1@acme.test');
  const role = await run(createRole, { name: 'Writer', grants: [], memberIds: [bob.userId] });
  await settle();
  await run(updateRole, { roleId: role.id, name: 'Author' });
  await run(setMemberRoles, { userId: bob.userId, roleIds: bob.roleIds });
  await settle();
  await run(deleteRole, { roleId: role.id });
  dashboard.renameRole({ organization, slug: 'org-auditor', name: 'Inspector' });
  dashboard.createRole({ organization, slug: 'org-new', name: 'New' });
  dashboard.createRole({ slug: 'guest', name: 'Guest' });
  dashboard.addMember({ organization, user: 'new@acme.test', roles: ['org-new'] });
  dashboard.addMember({ organization, user: 'guest@acme.test', roles: ['guest'] });
  dashboard.suspendMember({ organization, user: 'user2@acme.test' });
  dashboard.removeMember({ organization, user: 'user3@acme.test' });
  dashboard.recreateMember({ organization, user: 'user4@acme.test', roles: ['member'] });
  dashboard.deleteUser({ user: 'user5@acme.test' });
  dashboard.createOrganization({ name: 'Unknown' });
  dashboard.addMember({ organization: 'Unknown', user: 'else@unknown.test' });
  dashboard.emitEvent({ event: 'organization_membership.updated', data: { id: 'om_broken' } });
  await settle();
  dashboard.deleteRole({ slug: 'guest' });
  dashboard.deleteRole({ organization, slug: 'org-auditor' });
  for (let index = 10; index < 20; index += 1) {
    dashboard.changeMemberRoles({ organization, user: `user${index}@acme.test`, roles: ['admin'] });
  }
  await settle();
  await repair({ ...options, dryRun: false }, organizationId);
  await settle();
  await findDrift(options, organizationId);
  await writeSettings(db, { brakeCount: 0, brakePercent: 0 });
  dashboard.removeMember({ organization, user: 'user6@acme.test' });
  dashboard.changeMemberRoles({ organization, user: 'user10@acme.test', roles: ['member'] });
  await settle();
  const [held] = (await listSyncEntities(db, { organizationId })).data;
  await chooseSide(options, { organizationId, entityId: held?.id ?? '', side: 'there' });
  await releaseBrake(db, { organizationId, actor: 'user:ada' });
  await settle();
  await retryEntity(db, held?.id ?? '', organizationId);
  await replayEvents(
    db,
    (await listHeldEvents(db, { state: 'quarantined', limit: 1 })).data[0]?.id,
  );
  const plans = backfill({ ...options, context, workosIds: [world.remoteId] });
  expect(await plans.next()).toMatchObject({ value: { organizationId } });
  await wantSnapshots(db, { share: 0.02, atLeast: 20, anew: false });
  const { asOf } = await listDueOrganizations(db);
  await nextDueInMs(db, asOf);
  await nextDueInOrganizationMs(db, organizationId);
  await readSyncStatus(db);
  await readSyncStatus(db, organizationId);
  await readSyncAlarms(db);
  await listHeldMarks(db, { limit: 50 });
  await listHeldEvents(db, { state: 'parked' });
  await listSyncEntities(db, {});
  await listSyncEntities(db, { state: 'planned', kind: 'membership_roles' });
}

/** What concerns everything, and is asked seldom: each with the reason why it may read a table as a whole. */
const WHOLE: readonly (readonly [part: string, why: string])[] = [
  ['WHERE g.slug = $1 AND m.user_id', 'whoever held a role of the environment that is gone'],
  ["'all', CASE WHEN counted <=", 'counted as far as a total goes'],
  [
    'INSERT INTO rolecall.sync_organizations AS s',
    'all are compared at night, some of all every hour',
  ],
  [
    'SELECT id, workos_id AS "workosId" FROM rolecall.organizations',
    'a role of the environment is everybody’s',
  ],
  ['coalesce(m.workos_membership_id, m.id::text) AS key', 'drift lists an organization as a whole'],
  ['p."oldestPendingMs", o.linked', 'the status: a row for each organization, and what is open'],
];

/** A page, and as much of one more table beside it; a step of a comparison deletes five pages. */
const MOST_ROWS = 5_001;
/** A total is counted to 10,000, among what is open or waits: in the long run a few more than that. */
const MOST_COUNTED = 15_000;

const mostRows = ({ text }: Statement): number =>
  text.startsWith('SELECT count(*) AS total FROM') ? MOST_COUNTED : MOST_ROWS;

const isWhole = ({ text }: Statement): boolean => WHOLE.some(([part]) => text.includes(part));

/** Every statement that reads or changes something; what belongs to the history has plan tests of its own. */
function statements(): readonly Statement[] {
  return [...recorded.statements.values()].filter(({ text }) =>
    /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text),
  );
}

const inLarge = ({ values, ...statement }: Statement): Statement => ({
  ...statement,
  ...(values !== undefined && {
    values: values.map((value) => (value === world.organizationId ? LARGE : value)),
  }),
});

async function plansOf(statement: Statement): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  for (const one of [statement, inLarge(statement)]) {
    plans.push(await planOf(one, 'custom'));
    if (one.name !== undefined) plans.push(await planOf(one, 'generic'));
  }
  return plans;
}

/** Run and rolled back; only planned where that meets what is there by now. */
async function planOf(statement: Statement, plan: 'custom' | 'generic'): Promise<Plan> {
  try {
    return await explain(world.test.db, statement, { plan, analyze: true });
  } catch {
    return explain(world.test.db, statement, { plan });
  }
}

/** Rows that a step has looked at, those that it left out included. */
function looked({ actualRows = 0, raw }: PlanNode): number {
  const loops = Number(raw['Actual Loops'] ?? 1);
  const removed = Number(raw['Rows Removed by Filter'] ?? 0);
  return actualRows + loops * removed;
}

describe('the statements of the sync', () => {
  it('are all met, and what may read everything is among them', () => {
    const texts = statements().map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(100);
    for (const table of ['entities', 'marks', 'inbox', 'seen', 'brakes', 'attempts', 'snapshots']) {
      expect(texts.join(' ')).toContain(`rolecall.sync_${table}`);
    }
    const unused = WHOLE.filter(([part]) => !texts.some((text) => text.includes(part)));
    expect(unused).toEqual([]);
  });

  it('read no table that grows from one end to the other, and no row too many', async () => {
    const guilty = new Map<string, string>();
    for (const statement of statements().filter((one) => !isWhole(one))) {
      for (const plan of await plansOf(statement)) {
        const scans = plan.nodes().filter((node) => node.relation !== undefined || node.index);
        const wrong = scans.some(
          (node) =>
            (node.type === 'Seq Scan' && !SMALL.has(node.relation ?? '')) ||
            looked(node) > mostRows(statement),
        );
        if (wrong) guilty.set(statement.text, plan.text);
      }
    }
    expect([...guilty].map((one) => one.join('\n'))).toEqual([]);
  }, 600_000);
});

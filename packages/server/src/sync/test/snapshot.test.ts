import { afterEach, describe, expect, it } from 'vitest';
import { setMemberRoles } from '../../roles/index.ts';
import { findDrift, pullEvents, wantSnapshots } from '../index.ts';
import { wantSnapshot } from '../reconcile/index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const LIST = { method: 'GET', path: '/user_management/organization_memberships' } as const;

/** An organization of several pages on both sides. */
async function large(count: number, settled = true): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      const organization = 'Acme';
      dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
      dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      for (let index = 1; index < count; index += 1) {
        dashboard.addMember({ organization, user: `user${index}@acme.test` });
      }
    },
  });
  worlds.push(world);
  if (settled) {
    await pullEvents({ db: world.test.db, port: world.workos.port });
    await world.settle();
  }
  return world;
}

const run = async (world: World) =>
  (
    await world.rows<{ stage: string; position: string | null; listed: number }>(
      'SELECT stage, position, listed::int FROM rolecall.sync_snapshots',
    )
  )[0];
const revision = async (world: World) =>
  (await world.rows<{ revision: number }>('SELECT revision FROM rolecall.organization_state'))[0]
    ?.revision;
const pages = (world: World): number =>
  world.simulator.requests.list().filter(({ path }) => path === LIST.path).length;
const members = async (world: World) =>
  (
    await world.rows<{ count: number }>(
      'SELECT count(*)::int AS count FROM rolecall.memberships WHERE deleted_at IS NULL',
    )
  )[0]?.count;

describe('comparing a large organization', () => {
  it('goes on at the page where it was cut off', async () => {
    const world = await large(250, false);
    world.simulator.requests.clear();
    let died = 0;
    const fault = world.simulator.faults.add({
      match: LIST,
      fault: { kind: 'error', stage: 'before', status: 500 },
      nth: [3],
    });
    await world.drain().catch(() => {
      died += 1;
    });
    world.simulator.faults.remove(fault);
    expect(await run(world)).toMatchObject({ stage: 'memberships', listed: 201 });
    expect(await members(world)).toBe(200);
    world.simulator.requests.clear();
    await world.settle();
    expect(died).toBe(1);
    expect(pages(world)).toBe(1);
    expect(await members(world)).toBe(250);
    expect(await run(world)).toBeUndefined();
    expect(await world.rows('SELECT FROM rolecall.sync_seen')).toEqual([]);
  }, 60_000);

  it('raises no revision and looks at nothing one by one where both sides agree', async () => {
    const world = await large(150);
    const before = await revision(world);
    world.simulator.requests.clear();
    await wantSnapshot(world.test.db, world.organizationId);
    await world.settle();
    expect(await revision(world)).toBe(before);
    expect(world.simulator.requests.counts().total).toBe(3);
  }, 60_000);

  it('finds what no event told, and says how much it was', async () => {
    const world = await large(150);
    const { dashboard } = world.simulator;
    dashboard.changeMemberRoles({
      organization: 'Acme',
      user: 'user7@acme.test',
      roles: ['admin'],
    });
    dashboard.removeMember({ organization: 'Acme', user: 'user101@acme.test' });
    dashboard.addMember({ organization: 'Acme', user: 'new@acme.test', roles: ['org-auditor'] });
    await wantSnapshot(world.test.db, world.organizationId);
    await world.settle();
    const options = { db: world.test.db, port: world.workos.port };
    expect((await findDrift(options, world.organizationId))?.drift).toEqual([]);
    expect((await world.member('new@acme.test')).slugs).toEqual(['org-auditor']);
    const rows = await world.rows<{ differing: number }>(
      'SELECT differing::int FROM rolecall.sync_organizations',
    );
    expect(rows).toEqual([{ differing: 2 }]);
  }, 60_000);

  it('lets changes of this side through between its pages', async () => {
    const world = await large(150);
    const [admin = ''] = (await world.member('ada@acme.test')).roleIds;
    const { userId } = await world.member('user1@acme.test');
    await wantSnapshot(world.test.db, world.organizationId);
    await world.run(setMemberRoles, { userId, roleIds: [admin] });
    world.simulator.requests.clear();
    await world.settle();
    const order = world.simulator.requests.list().map(({ method, path }) => `${method} ${path}`);
    const sent = order.findIndex((one) => one.startsWith('PUT'));
    expect(sent).toBeGreaterThanOrEqual(0);
    expect(order.slice(0, sent).filter((one) => one.endsWith(LIST.path))).toEqual([]);
  }, 60_000);
});

describe('a storm of events', () => {
  it('is taken in by pages: few calls, and one revision for a page', async () => {
    const world = await large(3);
    const { dashboard } = world.simulator;
    for (let index = 0; index < 150; index += 1) {
      dashboard.addMember({ organization: 'Acme', user: `storm${index}@acme.test` });
    }
    await pullEvents({ db: world.test.db, port: world.workos.port });
    const before = (await revision(world)) ?? 0;
    world.simulator.requests.clear();
    await world.settle();
    expect(await members(world)).toBe(153);
    expect(world.simulator.requests.counts().total).toBeLessThan(10);
    expect(((await revision(world)) ?? 0) - before).toBeLessThan(10);
  }, 60_000);

  it('does not list again and again for members who are gone', async () => {
    const world = await large(60);
    for (let index = 1; index < 40; index += 1) {
      world.simulator.dashboard.removeMember({
        organization: 'Acme',
        user: `user${index}@acme.test`,
      });
    }
    await pullEvents({ db: world.test.db, port: world.workos.port });
    world.simulator.requests.clear();
    await world.settle();
    expect(await members(world)).toBe(21);
    const whole = world.simulator.requests
      .list()
      .filter(({ path, query }) => path === LIST.path && !query.includes('user_id'));
    expect(whole).toHaveLength(1);
  }, 60_000);
});

describe('which organizations are compared', () => {
  it('is every one at night, and a share of them every hour', async () => {
    const world = await large(2);
    const wanted = async () =>
      (
        await world.rows<{ open: number }>(
          `SELECT count(*)::int AS open FROM rolecall.sync_organizations WHERE snapshot_done < snapshot_wanted`,
        )
      )[0]?.open;
    await world.rows(
      `WITH made AS (INSERT INTO rolecall.organizations (id, name, workos_id)
         SELECT 'o' || i, 'O', 'org_' || i FROM generate_series(1, 199) i RETURNING id)
       INSERT INTO rolecall.organization_state (organization_id, enforcement) SELECT id, 'off' FROM made`,
    );
    // A link is due for its first comparison, without anybody asking.
    expect(await wanted()).toBe(199);
    await world.rows('UPDATE rolecall.sync_organizations SET snapshot_done = snapshot_wanted');
    expect(await wanted()).toBe(0);
    await wantSnapshots(world.test.db, { share: 0.1, atLeast: 5, anew: false });
    expect(await wanted()).toBe(20);
    await wantSnapshots(world.test.db, { share: 0.001, atLeast: 5, anew: false });
    expect(await wanted()).toBeLessThanOrEqual(25);
    await wantSnapshots(world.test.db, { anew: false });
    await wantSnapshots(world.test.db, { anew: false });
    expect(await wanted()).toBe(200);
    const rows = await world.rows(
      'SELECT FROM rolecall.sync_organizations WHERE snapshot_wanted > snapshot_done + 1',
    );
    expect(rows).toEqual([]);
  });
});

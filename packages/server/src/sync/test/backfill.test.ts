import { afterEach, describe, expect, it } from 'vitest';
import { createRole } from '../../roles/index.ts';
import {
  backfill,
  type BackfillOptions,
  type BackfillPlan,
  findDrift,
  pullEvents,
} from '../index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const LIST = { method: 'GET', path: '/user_management/organization_memberships' } as const;

/** An environment that was there before Rolecall: one organization is linked, another is not known. */
async function existing(count: number): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.createOrganization({ name: 'Initech' });
      dashboard.createRole({ organization: 'Initech', slug: 'org-auditor', name: 'Auditor' });
      for (let index = 0; index < count; index += 1) {
        const user = `user${index}@initech.test`;
        dashboard.addMember({ organization: 'Initech', user, roles: ['org-auditor'] });
      }
    },
  });
  worlds.push(world);
  return world;
}

async function run(
  world: World,
  options: Partial<BackfillOptions> = {},
): Promise<readonly BackfillPlan[]> {
  const plans: BackfillPlan[] = [];
  const { db } = world.test;
  const all = backfill({ db, port: world.workos.port, context: world.context, ...options });
  for await (const plan of all) plans.push(plan);
  return plans;
}

const organizations = (world: World) =>
  world.rows<{ id: string; name: string; enforcement: string; members: number }>(
    `SELECT o.id, o.name, s.enforcement, s.member_count::int AS members
       FROM rolecall.organizations o JOIN rolecall.organization_state s ON s.organization_id = o.id
       ORDER BY o.name`,
  );

describe('a backfill', () => {
  it('says what it would do, and changes nothing, unless it is told to', async () => {
    const world = await existing(3);
    const listed: number[] = [];
    const plans = await run(world, { progress: (progress) => listed.push(progress.listed) });
    expect(plans).toMatchObject([
      { name: 'Acme', organizationId: 'acme', memberships: { equal: 0, differing: 1 } },
      {
        name: 'Initech',
        organizationId: null,
        roles: { equal: 0, pending: 0, differing: 1 },
        memberships: { equal: 0, pending: 0, differing: 3 },
      },
    ]);
    expect(listed).toEqual([1, 4]);
    expect((await organizations(world)).map(({ name }) => name)).toEqual(['Acme']);
    expect(await world.rows('SELECT FROM rolecall.sync_marks')).toEqual([]);
  });

  it('takes an existing environment in, with enforcement off, and is done when done again', async () => {
    const world = await existing(3);
    await run(world, { dryRun: false });
    const [acme, initech] = await organizations(world);
    expect(acme).toMatchObject({ enforcement: 'enforced', members: 1 });
    expect(initech).toMatchObject({ name: 'Initech', enforcement: 'off', members: 3 });
    const options = { db: world.test.db, port: world.workos.port };
    expect((await findDrift(options, initech?.id ?? ''))?.drift).toEqual([]);
    const again = await run(world);
    expect(again.map(({ memberships }) => memberships)).toEqual([
      { equal: 1, pending: 0, differing: 0 },
      { equal: 3, pending: 0, differing: 0 },
    ]);
  });

  it('goes on where it was cut off', async () => {
    const world = await existing(150);
    // The plan reads two pages of the large organization, and its comparison breaks at the second.
    const broken = world.simulator.faults.add({
      match: LIST,
      fault: { kind: 'error', stage: 'before', status: 500 },
      nth: [6],
    });
    await expect(run(world, { dryRun: false })).rejects.toMatchObject({ kind: 'unavailable' });
    world.simulator.faults.remove(broken);
    expect((await organizations(world)).map(({ members }) => members)).toEqual([1, 100]);
    await run(world, { dryRun: false });
    expect((await organizations(world)).map(({ members }) => members)).toEqual([1, 150]);
  }, 60_000);

  it('runs beside live events and changes of this side, and undoes neither', async () => {
    const world = await existing(150);
    const { dashboard } = world.simulator;
    const { port } = world.workos;
    // The stream has a reader: with its first events it would have everything compared anew.
    await pullEvents({ db: world.test.db, port });
    let second = 0;
    const change = async (): Promise<void> => {
      await world.run(createRole, { name: 'Writer', grants: [] });
      dashboard.changeMemberRoles({
        organization: 'Initech',
        user: 'user40@initech.test',
        roles: ['member'],
      });
      await pullEvents({ db: world.test.db, port });
    };
    // The plan asks for the second page once, the comparison once more: what it has seen is older then.
    const beside: typeof port = {
      ...port,
      listMemberships: async (filter, page) => {
        if (page?.after !== undefined) second += 1;
        if (second === 2) await change();
        return port.listMemberships(filter, page);
      },
    };
    await run(world, { dryRun: false, port: beside });
    expect(second).toBe(2);
    await world.settle();
    await pullEvents({ db: world.test.db, port: world.workos.port });
    await run(world, { dryRun: false });
    const options = { db: world.test.db, port: world.workos.port };
    for (const { id } of await organizations(world)) {
      expect((await findDrift(options, id))?.drift).toEqual([]);
    }
  }, 60_000);
});

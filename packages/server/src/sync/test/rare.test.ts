import { buildMember } from '@rolecall/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createRole, deleteRole } from '../../roles/index.ts';
import { drainEnvironment, findDrift, listSyncEntities, pullEvents } from '../index.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function linked(before?: WorldOptions['before']): Promise<World> {
  const world = await openWorld({
    before: (simulator) => {
      const { dashboard } = simulator;
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ organization: 'Acme', user: 'bob@acme.test', roles: ['member'] });
      before?.(simulator);
    },
  });
  worlds.push(world);
  return world;
}

async function arrive(world: World): Promise<void> {
  await pullEvents({ db: world.test.db, port: world.workos.port });
  await drainEnvironment({ db: world.test.db, port: world.workos.port });
  await world.settle();
}

const drift = async (world: World) =>
  (await findDrift({ db: world.test.db, port: world.workos.port }, world.organizationId))?.drift;
const ANN = 'ann@acme.test';
const annHere = (world: World) =>
  buildMember(world.test.db, world.organizationId, { userId: 'ann', email: ANN });
const people = (world: World) =>
  world.rows<{ user_id: string; linked: boolean }>(
    `SELECT m.user_id, u.workos_user_id IS NOT NULL AS linked FROM rolecall.memberships m
       JOIN rolecall.users u ON u.id = m.user_id
       WHERE m.email = $1 AND m.deleted_at IS NULL ORDER BY linked, m.user_id`,
    ANN,
  );

describe('persons who look like one', () => {
  it('are not taken for one by an address that nobody has verified', async () => {
    const world = await linked(({ dashboard }) => {
      dashboard.createUser({ email: ANN, emailVerified: false });
      dashboard.addMember({ organization: 'Acme', user: ANN });
    });
    await annHere(world);
    await arrive(world);
    expect(await people(world)).toEqual([
      { user_id: 'ann', linked: false },
      { user_id: expect.stringMatching(/^user_/) as string, linked: true },
    ]);
  });

  it('stay two when two of WorkOS have the address of one here, and neither inherits from the other', async () => {
    const world = await linked(({ dashboard }) => {
      dashboard.createUser({ email: ANN, emailVerified: true });
      dashboard.addMember({ organization: 'Acme', user: ANN, roles: ['admin'] });
    });
    await annHere(world);
    await arrive(world);
    const { id: second } = world.simulator.dashboard.createUser({
      email: ANN,
      emailVerified: true,
      allowDuplicateEmail: true,
    });
    world.simulator.dashboard.addMember({ organization: 'Acme', user: second, roles: ['member'] });
    await arrive(world);
    const held = await world.rows<{ user_id: string; slugs: readonly string[] }>(
      `SELECT m.user_id, array_agg(g.slug) AS slugs FROM rolecall.memberships m
         JOIN rolecall.assignments a ON a.organization_id = m.organization_id AND a.membership_id = m.id
         JOIN rolecall.global_roles g ON g.id = a.role_id
         WHERE m.user_id = $1 AND m.deleted_at IS NULL GROUP BY 1`,
      second,
    );
    expect(held).toEqual([{ user_id: second, slugs: ['member'] }]);
    expect((await people(world)).length).toBe(2);
  });

  it('keep an external id that is not ours, and a person is told', async () => {
    const world = await linked(({ dashboard }) => {
      dashboard.createUser({ email: ANN, emailVerified: true, externalId: 'crm-7' });
      dashboard.addMember({ organization: 'Acme', user: ANN });
    });
    await annHere(world);
    await arrive(world);
    const { items } = await world.workos.port.listUsers({ email: ANN });
    expect(items[0]?.externalId).toBe('crm-7');
  });
});

describe('what only WorkOS decides', () => {
  it('is applied even to the last admin, and the organization is flagged', async () => {
    const world = await linked();
    await arrive(world);
    world.simulator.dashboard.suspendMember({ organization: 'Acme', user: 'ada@acme.test' });
    await arrive(world);
    expect((await world.member('ada@acme.test')).status).toBe('inactive');
    const flagged = await world.rows('SELECT no_admin FROM rolecall.organization_state');
    expect(flagged).toEqual([{ no_admin: true }]);
    world.simulator.dashboard.reactivateMember({ organization: 'Acme', user: 'ada@acme.test' });
    await arrive(world);
    expect(await world.rows('SELECT no_admin FROM rolecall.organization_state')).toEqual([
      { no_admin: false },
    ]);
  });

  it('reassigns the members of a role of the environment that is deleted, without drift', async () => {
    const world = await linked(({ dashboard }) => {
      dashboard.createRole({ slug: 'billing', name: 'Billing' });
      dashboard.changeMemberRoles({
        organization: 'Acme',
        user: 'bob@acme.test',
        roles: ['billing'],
      });
    });
    await arrive(world);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['billing']);
    world.simulator.dashboard.deleteRole({ slug: 'billing' });
    await arrive(world);
    await expect.poll(() => world.simulator.faults.pending().retiringRoles).toBe(0);
    await arrive(world);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
    expect(await drift(world)).toEqual([]);
  });
});

describe('a deletion that WorkOS refuses', () => {
  it('is shown as blocked, with what stands in the way, and nothing else waits for it', async () => {
    const world = await linked();
    await arrive(world);
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    const mapped = world.simulator.faults.add({
      match: { method: 'DELETE' },
      fault: {
        kind: 'reply',
        status: 409,
        body: { code: 'role_has_group_role_mappings', message: 'mapped' },
      },
    });
    await world.run(deleteRole, { roleId: id });
    await world.run(createRole, { name: 'Writer', grants: [] });
    await world.drain();
    const [blocked] = (await listSyncEntities(world.test.db, { limit: 10 })).data;
    expect(blocked).toMatchObject({ state: 'blocked', reason: 'role_has_group_role_mappings' });
    expect(blocked?.advice).toContain('Remove the mapping');
    await world.workos.port.getOrganizationRole(world.remoteId, 'org-writer');
    world.simulator.faults.remove(mapped);
    await world.rows('UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()');
    await world.settle();
    expect((await listSyncEntities(world.test.db, { limit: 10 })).data).toEqual([]);
  });
});

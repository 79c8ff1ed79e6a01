import { afterEach, describe, expect, it } from 'vitest';
import { createRole, deleteRole, setMemberRoles } from '../../roles/index.ts';
import {
  chooseSide,
  listSyncEntities,
  listTrippedBrakes,
  pullEvents,
  releaseBrake,
  repair,
  writeSettings,
} from '../index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const email = (index: number) => `user${index}@acme.test`;
const users = Array.from({ length: 10 }, (_, index) => email(index));

/** An admin and ten members who hold a role, and a brake that lets three removals an hour pass. */
async function braked(brakeCount = 3): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      const organization = 'Acme';
      dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
      dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      for (const user of users) dashboard.addMember({ organization, user, roles: ['org-auditor'] });
    },
  });
  worlds.push(world);
  await arrive(world);
  await writeSettings(world.test.db, { brakeCount, brakePercent: 0 });
  return world;
}

async function arrive(world: World): Promise<void> {
  await pullEvents({ db: world.test.db, port: world.workos.port });
  await world.settle();
}

const held = async (world: World): Promise<number> =>
  (await listSyncEntities(world.test.db, { state: 'planned', limit: 100 })).data.filter(
    ({ reason }) => reason === 'mass_removal',
  ).length;

const release = (world: World) =>
  releaseBrake(world.test.db, { organizationId: world.organizationId, actor: 'user:ada' });

async function statuses(world: World): Promise<readonly { status: string; roles: number }[]> {
  return world.rows(
    `SELECT m.status, (SELECT count(*) FROM rolecall.assignments a WHERE a.membership_id = m.id)::int AS roles
       FROM rolecall.memberships m WHERE m.email LIKE 'user%' AND m.deleted_at IS NULL`,
  );
}

describe('INVARIANT (mass removal)', () => {
  it('denies all whom WorkOS has removed at once, and keeps what they hold until a person has looked', async () => {
    const world = await braked();
    for (const user of users)
      world.simulator.dashboard.removeMember({ organization: 'Acme', user });
    await arrive(world);
    const left = await statuses(world);
    expect(left).toHaveLength(7);
    expect(new Set(left.map(({ status }) => status))).toEqual(new Set(['inactive']));
    expect(left.every(({ roles }) => roles === 1)).toBe(true);
    expect(await held(world)).toBe(7);
    expect(await listTrippedBrakes(world.test.db)).toMatchObject([
      { direction: 'from_workos', kind: 'membership_roles', removals: 3, held: 7 },
    ]);
    expect(await release(world)).toBe(1);
    await world.settle();
    expect(await statuses(world)).toEqual([]);
    expect(await listTrippedBrakes(world.test.db)).toEqual([]);
  });

  it('denies whom nobody reported too, and lets in again who was never gone', async () => {
    const world = await braked(0);
    const { faults } = world.simulator;
    const lost = faults.add({
      match: { method: 'GET', path: '/user_management/organization_memberships/*' },
      fault: { kind: 'reply', status: 404, body: { code: 'entity_not_found' } },
    });
    const empty = faults.add({
      match: { method: 'GET', path: '/user_management/organization_memberships' },
      fault: { kind: 'omit', share: 1 },
    });
    const options = { db: world.test.db, port: world.workos.port, dryRun: false };
    await repair(options, world.organizationId);
    await world.settle();
    expect(await held(world)).toBe(11);
    expect((await statuses(world)).every(({ status }) => status === 'inactive')).toBe(true);
    faults.remove(lost);
    faults.remove(empty);
    await repair(options, world.organizationId);
    await world.settle();
    expect(await held(world)).toBe(0);
    expect((await statuses(world)).every(({ status }) => status === 'active')).toBe(true);
  });

  it('holds back demotions that somebody makes there, and a person may put them back', async () => {
    const world = await braked();
    for (const user of users) {
      world.simulator.dashboard.changeMemberRoles({
        organization: 'Acme',
        user,
        roles: ['member'],
      });
    }
    await arrive(world);
    expect(await held(world)).toBe(7);
    const [one] = (await listSyncEntities(world.test.db, { state: 'planned', limit: 1 })).data;
    const choice = { organizationId: world.organizationId, entityId: one?.id ?? '', side: 'here' };
    const options = { db: world.test.db, port: world.workos.port };
    expect(await chooseSide(options, { ...choice, side: 'here' })).toBe('chosen');
    await world.settle();
    expect(users.filter((user) => world.rolesThere(user).includes('org-auditor'))).toHaveLength(1);
    await release(world);
    await world.settle();
    const slugs = await Promise.all(users.map(async (user) => (await world.member(user)).slugs));
    expect(slugs.filter((held) => held.includes('org-auditor'))).toHaveLength(1);
  });

  it('holds back a role that is gone there with everybody who holds it', async () => {
    const world = await braked();
    world.simulator.dashboard.deleteRole({ organization: 'Acme', slug: 'org-auditor' });
    await arrive(world);
    expect((await world.member(email(0))).slugs).toEqual(['org-auditor']);
    await release(world);
    await arrive(world);
    expect((await world.member(email(0))).slugs).toEqual(['member']);
  });

  it('sends no more removals to WorkOS than pass, while everybody here is denied already', async () => {
    const world = await braked();
    const [member = ''] = (
      await world.rows<{ id: string }>(`SELECT id FROM rolecall.global_roles WHERE slug = 'member'`)
    ).map((row) => row.id);
    for (const user of users) {
      const { userId } = await world.member(user);
      await world.run(setMemberRoles, { userId, roleIds: [member] });
    }
    await world.settle();
    expect(users.filter((user) => world.rolesThere(user).includes('org-auditor'))).toHaveLength(7);
    expect((await world.member(email(9))).slugs).toEqual(['member']);
    await release(world);
    await world.settle();
    expect(users.filter((user) => world.rolesThere(user).includes('org-auditor'))).toEqual([]);
  });

  it('holds back the deletion of a role that too many hold there', async () => {
    const world = await braked();
    const [role] = await world.rows<{ id: string }>(
      `SELECT id FROM rolecall.roles WHERE slug = 'org-auditor'`,
    );
    await world.run(deleteRole, { roleId: role?.id });
    await world.settle();
    await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(users.filter((user) => world.rolesThere(user).includes('org-auditor'))).toHaveLength(7);
    await release(world);
    await world.settle();
    await expect(
      world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor'),
    ).rejects.toMatchObject({ kind: 'gone' });
    expect((await world.entities()).filter(({ state }) => state !== 'idle')).toEqual([]);
  });

  it('lets changes pass that give something, whatever is held', async () => {
    const world = await braked(0);
    const auditor = await world.member(email(0));
    world.simulator.dashboard.removeMember({ organization: 'Acme', user: email(1) });
    const role = await world.run(createRole, { name: 'Writer', grants: [] });
    const roleIds = [...auditor.roleIds, role.id];
    await world.run(setMemberRoles, { userId: auditor.userId, roleIds });
    await arrive(world);
    expect(world.rolesThere(email(0))).toEqual(['org-auditor', 'org-writer']);
    expect(await held(world)).toBe(1);
  });

  it('lets a share of a large organization pass', async () => {
    const world = await braked(0);
    await writeSettings(world.test.db, { brakePercent: 100 });
    for (const user of users)
      world.simulator.dashboard.removeMember({ organization: 'Acme', user });
    await arrive(world);
    expect(await statuses(world)).toEqual([]);
  });
});

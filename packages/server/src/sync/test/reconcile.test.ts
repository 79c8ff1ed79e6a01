import { buildMember, buildRole } from '@rolecall/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createRole, setMemberRoles } from '../../roles/index.ts';
import {
  chooseSide,
  findDrift,
  listSyncEntities,
  readSyncStatus,
  repair,
  retryEntity,
} from '../index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function linked(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      const organization = 'Acme';
      dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
      dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ organization, user: 'bob@acme.test', roles: ['org-auditor'] });
    },
  });
  worlds.push(world);
  await world.settle();
  return world;
}

const bob = { organization: 'Acme', user: 'bob@acme.test' };
const options = (world: World) => ({ db: world.test.db, port: world.workos.port });
const drift = async (world: World) =>
  (await findDrift(options(world), world.organizationId))?.drift ?? [];

describe('drift', () => {
  it('is what differs on both sides, when nothing reported it', async () => {
    const world = await linked();
    expect(await drift(world)).toEqual([]);
    const { dashboard } = world.simulator;
    dashboard.renameRole({ organization: 'Acme', slug: 'org-auditor', name: 'Theirs' });
    dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    dashboard.createRole({ organization: 'Acme', slug: 'org-new', name: 'New' });
    dashboard.removeMember({ organization: 'Acme', user: 'ada@acme.test' });
    const found = await drift(world);
    expect(found.map(({ kind, here, there }) => ({ kind, here, there }))).toEqual(
      [
        {
          kind: 'organization_role',
          here: { name: 'Auditor', description: null },
          there: { name: 'Theirs', description: null },
        },
        { kind: 'organization_role', here: null, there: { name: 'New', description: null } },
        { kind: 'membership_roles', here: { status: 'active', roles: ['admin'] }, there: null },
        {
          kind: 'membership_roles',
          here: { status: 'active', roles: ['org-auditor'] },
          there: { status: 'active', roles: ['member'] },
        },
      ].toSorted((one, other) => order(found, one) - order(found, other)),
    );
  });

  it('is not what is pending, nor the roles of a suspended member', async () => {
    const world = await linked();
    await world.run(createRole, { name: 'Pending', grants: [] });
    world.simulator.dashboard.suspendMember(bob);
    await repair({ ...options(world), dryRun: false }, world.organizationId);
    await world.settle();
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    await world.run(createRole, { name: 'Also pending', grants: [] });
    expect(await drift(world)).toEqual([]);
  });

  it('is mended by a repair, and only shown by a dry run', async () => {
    const world = await linked();
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    expect((await repair(options(world), world.organizationId))?.drift).toHaveLength(1);
    await world.settle();
    expect(await drift(world)).toHaveLength(1);
    await repair({ ...options(world), dryRun: false }, world.organizationId);
    await world.settle();
    expect(await drift(world)).toEqual([]);
    // What was found to differ does so no more, after the link and after the repair alike.
    expect(await readSyncStatus(world.test.db)).toMatchObject({ drift: 0, pending: 0, marked: 0 });
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
  });

  it('INVARIANT (absence): takes nothing for gone because a listing lacked it', async () => {
    const world = await linked();
    world.simulator.faults.add({
      match: { method: 'GET', path: '/user_management/organization_memberships' },
      fault: { kind: 'omit', share: 1 },
    });
    await repair({ ...options(world), dryRun: false }, world.organizationId);
    await world.settle();
    world.simulator.faults.heal();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
    expect(await drift(world)).toEqual([]);
  });

  it('leaves a snapshot undone whose listing broke', async () => {
    const world = await linked();
    await repair({ ...options(world), dryRun: false }, world.organizationId);
    world.simulator.faults.add({
      match: { method: 'GET', path: '/user_management/organization_memberships' },
      fault: { kind: 'error', stage: 'before', status: 500 },
      times: 1,
    });
    await world.drain().catch(() => undefined);
    const [row] = await world.rows<{ open: boolean }>(
      'SELECT snapshot_done < snapshot_wanted AS open FROM rolecall.sync_organizations',
    );
    expect(row?.open).toBe(true);
    await world.settle();
    expect(await drift(world)).toEqual([]);
  });
});

describe('linking an organization that exists on both sides', () => {
  const ann = 'ann@acme.test';

  /** Ann is on both sides, with other roles, and so is a role with another name. */
  async function differing(): Promise<World> {
    const world = await openWorld({
      before: ({ dashboard }) => {
        const organization = 'Acme';
        dashboard.createRole({ organization, slug: 'org-auditor', name: 'Theirs' });
        dashboard.addMember({ organization, user: ann, roles: ['admin'] });
      },
    });
    worlds.push(world);
    const { organizationId } = world;
    await buildRole(world.test.db, organizationId, { name: 'Auditor', slug: 'org-auditor' });
    const member = await buildMember(world.test.db, organizationId, { userId: 'ann', email: ann });
    await world.rows(
      `INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
         SELECT m.organization_id, m.id, g.id, m.joined_at
           FROM rolecall.memberships m, rolecall.global_roles g
           WHERE m.id = $1 AND g.slug = 'member' ON CONFLICT DO NOTHING`,
      member.membershipId,
    );
    await world.settle();
    return world;
  }

  it('INVARIANT (no base): changes neither side where they differ, and waits for a person', async () => {
    const world = await differing();
    expect(await readSyncStatus(world.test.db, 'acme')).toMatchObject({ drift: 2, marked: 0 });
    const { data: waiting } = await listSyncEntities(world.test.db, {});
    expect(waiting.map(({ state, reason }) => ({ state, reason }))).toEqual([
      { state: 'planned', reason: 'differs_at_link' },
      { state: 'planned', reason: 'differs_at_link' },
    ]);
    expect((await world.member(ann)).slugs).toEqual(['member']);
    expect(world.rolesThere(ann)).toEqual(['admin']);
  });

  it('links a person by a verified address, and has WorkOS know them by our id', async () => {
    const world = await differing();
    expect((await world.member(ann)).userId).toBe('ann');
    const { items } = await world.workos.port.listUsers({ email: ann });
    expect(items[0]?.externalId).toBe('ann');
  });

  it.each(['here', 'there'] as const)('takes the side that a person chooses: %s', async (side) => {
    const world = await differing();
    const { organizationId } = world;
    for (const { id } of (await listSyncEntities(world.test.db, {})).data) {
      const choice = { organizationId, entityId: id, side };
      expect(await chooseSide(options(world), choice)).toBe('chosen');
    }
    await world.settle();
    expect((await listSyncEntities(world.test.db, {})).data).toEqual([]);
    expect(await readSyncStatus(world.test.db, 'acme')).toMatchObject({ drift: 0, pending: 0 });
    const roles = side === 'here' ? ['member'] : ['admin'];
    expect((await world.member(ann)).slugs).toEqual(roles);
    expect(world.rolesThere(ann)).toEqual(roles);
    const { name } = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(name).toBe(side === 'here' ? 'Auditor' : 'Theirs');
    expect(await drift(world)).toEqual([]);
  });
});

describe('what people are told', () => {
  it('is how it is doing, what needs them and what to do', async () => {
    const world = await linked();
    const member = await world.member('bob@acme.test');
    world.simulator.faults.add({
      match: { method: 'PUT' },
      fault: { kind: 'reply', status: 422, body: { code: 'multiple_roles_not_enabled' } },
      times: 1,
    });
    const [admin = ''] = (await world.member('ada@acme.test')).roleIds;
    await world.run(setMemberRoles, { userId: member.userId, roleIds: [admin] });
    await world.drain();
    expect(await readSyncStatus(world.test.db, 'acme')).toMatchObject({
      pending: 1,
      entities: { blocked: 1 },
    });
    const [blocked] = (await listSyncEntities(world.test.db, {})).data;
    expect(blocked).toMatchObject({ state: 'blocked', reason: 'multiple_roles_not_enabled' });
    expect(blocked?.advice).toContain('Enable several roles');
    expect(await retryEntity(world.test.db, blocked?.id ?? '')).toBe(true);
    await world.settle();
    expect(world.rolesThere('bob@acme.test')).toEqual(['admin']);
    expect((await listSyncEntities(world.test.db, {})).data).toEqual([]);
  });
});

function order(
  found: readonly { readonly here: unknown; readonly there: unknown }[],
  wanted: { readonly here: unknown; readonly there: unknown },
): number {
  return found.findIndex(
    ({ here, there }) =>
      JSON.stringify([here, there]) === JSON.stringify([wanted.here, wanted.there]),
  );
}

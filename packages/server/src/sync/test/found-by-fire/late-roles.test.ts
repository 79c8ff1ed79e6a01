import { afterEach, describe, expect, it } from 'vitest';
import {
  addMember,
  createRole,
  deleteRole,
  setMemberRoles,
  updateRole,
} from '../../../roles/index.ts';
import { findDrift } from '../../index.ts';
import { chooseSide } from '../../reconcile/index.ts';
import {
  arriveLate,
  changeEve,
  closeWorlds,
  dayPasses,
  deleteUnanswered,
  emptyUnanswered,
  linked,
  ownRolesThere,
  pull,
  roleIds,
  unansweredSets,
  lookAtEnvironment,
} from './stories.ts';

/** Roles that are emptied, deleted and made again while the answers of our own calls do not come. */

afterEach(closeWorlds);

describe('roles that are emptied, deleted and made while calls hang', () => {
  it('does not take its own emptying of a role for somebody who took it away', async () => {
    const world = await linked();
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    // The environment gets a role of the same slug, and bob holds that one beside the organization's own.
    world.simulator.dashboard.createRole({ slug: 'org-auditor', name: 'Auditor' });
    await pull(world);
    await lookAtEnvironment(world);
    const { userId } = await world.member('bob@acme.test');
    const both = await roleIds(world, ['org-auditor', 'member']);
    expect(both).toHaveLength(3);
    await world.run(setMemberRoles, { userId, roleIds: both });
    await world.settle();
    expect(await findDrift({ db: world.test.db, port: world.workos.port }, 'acme')).toMatchObject({
      drift: [],
    });
    await world.run(deleteRole, { roleId: id });
    await world.settle();
    await pull(world);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member', 'org-auditor']);
    expect(world.rolesThere('bob@acme.test')).toEqual(['member', 'org-auditor']);
  });

  it.each(['nobody here knows them', 'they have another life here', 'they come with many others'])(
    'INVARIANT (remembered attempts): a late call that empties a role takes nothing from a newcomer, when %s',
    async (how) => {
      const world = await linked();
      const { dashboard } = world.simulator;
      if (how === 'they have another life here') {
        dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['member'] });
        await pull(world);
        await world.settle();
        dashboard.removeMember({ organization: 'Acme', user: 'eve@acme.test' });
      }
      await emptyUnanswered(world);
      for (let index = 0; how === 'they come with many others' && index < 100; index += 1) {
        const user = `new-${String(index)}@acme.test`;
        dashboard.addMember({ organization: 'Acme', user, roles: ['member'] });
      }
      await changeEve(world, 'admin');
      expect((await world.member('eve@acme.test')).slugs).toEqual(['admin']);
      await changeEve(world, 'member');
      expect((await world.member('eve@acme.test')).slugs).toEqual(['admin']);
      expect(world.rolesThere('eve@acme.test')).toEqual(['admin']);
    },
    60_000,
  );

  it('INVARIANT (remembered attempts): a call that emptied a role is forgotten once the newcomer has outlived it', async () => {
    const world = await linked();
    await emptyUnanswered(world);
    await changeEve(world, 'admin');
    expect(await unansweredSets(world)).toEqual([{ kind: 'membership_roles', value: ['member'] }]);
    await dayPasses(world);
    await changeEve(world, 'member');
    expect((await world.member('eve@acme.test')).slugs).toEqual(['member']);
    expect(await unansweredSets(world)).toEqual([]);
  }, 60_000);

  it('INVARIANT (remembered attempts): a late call that empties a role takes nothing from who is recognised after it was sent', async () => {
    const world = await linked();
    const link = 'UPDATE rolecall.organizations SET workos_id = $1';
    await world.rows(link, null);
    await world.run(addMember, { id: 'eve', email: 'eve@acme.test' });
    await world.run(setMemberRoles, { userId: 'eve', roleIds: await roleIds(world, ['admin']) });
    await world.rows(link, world.remoteId);
    await world.run(createRole, { name: 'Support', grants: [] });
    await emptyUnanswered(world);
    await changeEve(world, 'org-support');
    const [eve] = await world.rows<{ id: string }>(
      `SELECT id FROM rolecall.sync_entities WHERE state = 'planned' AND reason = 'differs_at_link'`,
    );
    const { test, workos, organizationId } = world;
    const choice = { organizationId, entityId: String(eve?.id), side: 'here' } as const;
    expect(await chooseSide({ db: test.db, port: workos.port }, choice)).toBe('chosen');
    await world.settle();
    await changeEve(world, 'member');
    expect((await world.member('eve@acme.test')).slugs).toEqual(['admin']);
    expect(world.rolesThere('eve@acme.test')).toEqual(['admin']);
  }, 60_000);

  it.each(['nobody took its name', 'its name is taken'])(
    'INVARIANT (remembered attempts): keeps a role deleted whose creation arrives afterwards, when %s',
    async (name) => {
      const world = await linked();
      await deleteUnanswered(world);
      if (name === 'its name is taken') {
        const other = { name: 'Other', grants: [] };
        const { id } = await world.run(createRole, other);
        await world.settle();
        await world.run(updateRole, { roleId: id, name: 'Auditor' });
        await world.settle();
      }
      arriveLate(world);
      await pull(world);
      await world.settle();
      expect(ownRolesThere(world)).not.toContain('org-auditor');
      expect(await roleIds(world, ['org-auditor'])).toEqual([]);
      expect(await world.rows('SELECT FROM rolecall.sync_marks')).toEqual([]);
    },
    60_000,
  );

  it('INVARIANT (remembered attempts): knows a late creation of its own also when its slug was used again', async () => {
    const world = await linked();
    await deleteUnanswered(world);
    arriveLate(world);
    const again = { name: 'Auditor', description: 'anew', grants: [] };
    await world.run(createRole, again);
    await world.settle();
    const entities = await world.entities();
    expect(entities.filter(({ state }) => state !== 'idle')).toEqual([]);
    const there = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(there).toMatchObject({ name: 'Auditor', description: 'anew' });
  }, 60_000);
});

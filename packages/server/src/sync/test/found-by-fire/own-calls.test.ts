import { afterEach, describe, expect, it } from 'vitest';
import { createRole, deleteRole, setMemberRoles } from '../../../roles/index.ts';
import { wantSnapshot } from '../../reconcile/index.ts';
import {
  closeWorlds,
  dayPasses,
  linked,
  pull,
  roleIds,
  sendUnanswered,
  lookAtEnvironment,
} from './stories.ts';

/** What a call of our own has done is known as ours, however late it is seen. */

afterEach(closeWorlds);

describe('calls of our own that were never answered', () => {
  it('INVARIANT (own writes): a revocation is not undone by a listing that is older', async () => {
    const world = await linked();
    const { userId } = await world.member('bob@acme.test');
    await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, ['member']) });
    // The comparison lists bob as an admin; then the revocation is sent; then what was listed is looked at.
    await wantSnapshot(world.test.db, world.organizationId);
    await world.settle();
    expect(world.rolesThere('bob@acme.test')).toEqual(['member']);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
  });

  it('INVARIANT (stand-in): keeps `member` that a person gave to whoever had it only as a stand-in', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    // The role is deleted here, WorkOS refuses to, and somebody new has it there: nobody here knows it.
    const broken = world.simulator.faults.add({
      match: { method: 'DELETE' },
      fault: { kind: 'error', status: 503 },
    });
    await world.run(deleteRole, { roleId: id });
    dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['org-auditor'] });
    await pull(world);
    await world.drain().catch(() => undefined);
    const { userId, slugs } = await world.member('eve@acme.test');
    expect(slugs).toEqual(['member']);
    world.simulator.faults.remove(broken);
    await world.run(setMemberRoles, {
      userId,
      roleIds: await roleIds(world, ['admin', 'member']),
    });
    await world.settle();
    expect((await world.member('eve@acme.test')).slugs).toEqual(['admin', 'member']);
    expect(world.rolesThere('eve@acme.test')).toEqual(['admin', 'member']);
  });

  it('INVARIANT (echo): does not take the stand-in that it gave itself for something that was given', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    dashboard.createRole({ slug: 'org-auditor', name: 'Auditor' });
    await pull(world);
    await lookAtEnvironment(world);
    const { userId } = await world.member('bob@acme.test');
    await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, ['org-auditor']) });
    await world.settle();
    // Emptying the organization's role leaves bob without any in WorkOS for a moment.
    await world.run(deleteRole, { roleId: id });
    await world.settle();
    await pull(world);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
    expect(world.rolesThere('bob@acme.test')).toEqual(['org-auditor']);
  });

  it('INVARIANT (echo): does not take what its unanswered call took for a removal by whoever changed the rest', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.run(createRole, { name: 'Support', grants: [] });
    await world.settle();
    const { userId } = await world.member('bob@acme.test');
    await sendUnanswered(world, userId, ['org-auditor']);
    expect(world.rolesThere('bob@acme.test')).toEqual(['org-auditor']);
    // Nobody knows that the call has arrived when bob is given his role back and somebody gives him another one.
    const given = await roleIds(world, ['admin', 'org-auditor']);
    await world.run(setMemberRoles, { userId, roleIds: given });
    const roles = ['org-auditor', 'org-support'];
    dashboard.changeMemberRoles({ organization: 'Acme', user: 'bob@acme.test', roles });
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['admin', 'org-auditor']);
    expect(world.rolesThere('bob@acme.test')).toEqual(['admin', 'org-auditor']);
    expect(await world.rows('SELECT reason, theirs FROM rolecall.sync_conflicts')).toEqual([
      { reason: 'overruled', theirs: roles },
    ]);
  }, 60_000);

  it('INVARIANT (remembered attempts): knows its unanswered call after an outage of days, until both sides are equal', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    const { userId } = await world.member('bob@acme.test');
    await sendUnanswered(world, userId, ['org-auditor']);
    await dayPasses(world);
    const given = await roleIds(world, ['admin', 'org-auditor']);
    await world.run(setMemberRoles, { userId, roleIds: given });
    await world.settle();
    expect(world.rolesThere('bob@acme.test')).toEqual(['admin', 'org-auditor']);
    expect(await world.rows('SELECT FROM rolecall.sync_conflicts')).toEqual([]);
    expect(await world.rows('SELECT FROM rolecall.sync_attempts')).toEqual([]);
    // The very same value is somebody's will now.
    const bob = { organization: 'Acme', user: 'bob@acme.test', roles: ['org-auditor'] };
    dashboard.changeMemberRoles(bob);
    await pull(world);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
  }, 60_000);

  it('INVARIANT (remembered attempts): forgets an unanswered call that both sides have outlived', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    const { userId } = await world.member('bob@acme.test');
    await sendUnanswered(world, userId, ['admin', 'org-auditor']);
    await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, ['admin']) });
    await world.settle();
    expect(await world.rows('SELECT FROM rolecall.sync_attempts')).toHaveLength(1);
    await dayPasses(world);
    const roles = ['admin', 'org-auditor'];
    dashboard.changeMemberRoles({ organization: 'Acme', user: 'bob@acme.test', roles });
    await pull(world);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(roles);
    expect(await world.rows('SELECT FROM rolecall.sync_attempts')).toEqual([]);
  }, 60_000);

  it('INVARIANT (echo): a late call does not undo a revocation, also when somebody has changed the rest', async () => {
    const world = await linked();
    const { dashboard, faults } = world.simulator;
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.run(createRole, { name: 'Support', grants: [] });
    await world.settle();
    const { userId } = await world.member('bob@acme.test');
    faults.add({ match: { method: 'PUT' }, fault: { kind: 'late', ms: 3_000 }, times: 1 });
    const given = await roleIds(world, ['admin', 'org-auditor']);
    await world.run(setMemberRoles, { userId, roleIds: given });
    await world.drain();
    await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, ['admin']) });
    await world.drain();
    expect(world.rolesThere('bob@acme.test')).toEqual(['admin']);
    const there = () => world.rolesThere('bob@acme.test');
    await expect.poll(there, { timeout: 10_000 }).toEqual(['admin', 'org-auditor']);
    const roles = ['admin', 'org-auditor', 'org-support'];
    dashboard.changeMemberRoles({ organization: 'Acme', user: 'bob@acme.test', roles });
    await pull(world);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['admin', 'org-support']);
    expect(there()).toEqual(['admin', 'org-support']);
  }, 60_000);
});

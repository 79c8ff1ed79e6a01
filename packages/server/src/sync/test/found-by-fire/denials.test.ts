import { afterEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../database/index.ts';
import { mirrorUserEnd, setMemberRoles } from '../../../roles/index.ts';
import { wantSnapshot } from '../../reconcile/index.ts';
import {
  addedAs,
  closeWorlds,
  compared,
  linked,
  liveMembers,
  missed,
  pull,
  roleIds,
  statusOf,
  suspendBehindALock,
  lookAtEnvironment,
} from './stories.ts';

/** Who is suspended, removed or deleted is denied: nobody is let in by what was read before. */

afterEach(closeWorlds);

describe('who is denied, whatever was heard first', () => {
  it('INVARIANT (denied at once): lets nobody in by what was observed before their suspension was read', async () => {
    const world = await linked();
    const bob = { organization: 'Acme', user: 'bob@acme.test' };
    world.simulator.dashboard.suspendMember(bob);
    await pull(world);
    await world.settle();
    world.simulator.dashboard.reactivateMember(bob);
    await pull(world);
    const statuses: string[] = [];
    await world.drain({
      reached: async (step) => {
        // He was seen to be back; now he is suspended again, and that is read before it is committed.
        if (step === 'answered' && statuses.length === 0) {
          world.simulator.dashboard.suspendMember(bob);
          await pull(world);
        }
        statuses.push(await statusOf(world, 'bob@acme.test'));
      },
    });
    expect(new Set(statuses)).toEqual(new Set(['inactive']));
    world.simulator.dashboard.reactivateMember(bob);
    await pull(world);
    await world.settle();
    expect(await statusOf(world, 'bob@acme.test')).toBe('active');
  });

  it('INVARIANT (denied at once): takes nobody in as active after their suspension was read', async () => {
    const world = await linked();
    const eve = { organization: 'Acme', user: 'eve@acme.test' };
    world.simulator.dashboard.addMember({ ...eve, roles: ['member'] });
    await pull(world);
    const { port } = world.workos;
    let suspended = false;
    await world.drain({
      port: {
        ...port,
        getMembership: async (id) => {
          const found = await port.getMembership(id);
          if (suspended) return found;
          suspended = true;
          world.simulator.dashboard.suspendMember(eve);
          await pull(world);
          return found;
        },
      },
    });
    await world.settle();
    expect(await addedAs(world, eve.user)).toEqual([{ status: 'inactive' }]);
  });

  it('INVARIANT (denied at once): takes nobody of a page in as active after their suspension was read', async () => {
    const world = await linked();
    const [eve, fay] = ['eve@acme.test', 'fay@acme.test'];
    for (const user of [eve, fay]) {
      world.simulator.dashboard.addMember({ organization: 'Acme', user, roles: ['member'] });
    }
    await wantSnapshot(world.test.db, world.organizationId);
    const { port } = world.workos;
    let reading: Promise<unknown> | undefined;
    await world.drain({
      port: {
        ...port,
        listMemberships: async (...args) => {
          const page = await port.listMemberships(...args);
          if (reading !== undefined) return page;
          const locked = Promise.withResolvers<undefined>();
          reading = suspendBehindALock(world, eve, locked.resolve);
          await locked.promise;
          return page;
        },
      },
    });
    await reading;
    await world.settle();
    expect(await addedAs(world, eve)).toEqual([{ status: 'inactive' }]);
    expect(await addedAs(world, fay)).toEqual([{ status: 'active' }]);
  });

  it('INVARIANT (missed status): lets in who came back, though no event told and their roles wait to be sent', async () => {
    const world = await linked();
    const bob = { organization: 'Acme', user: 'bob@acme.test' };
    world.simulator.dashboard.suspendMember(bob);
    await pull(world);
    await world.settle();
    const { userId } = await world.member('bob@acme.test');
    await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, ['member']) });
    await world.settle();
    await missed(world, () => world.simulator.dashboard.reactivateMember(bob));
    expect(await statusOf(world, 'bob@acme.test')).toBe('active');
    expect(world.rolesThere('bob@acme.test')).toEqual(['member']);
  });

  it('INVARIANT (missed status): denies who was suspended, though no event told and nothing may be sent', async () => {
    const world = await linked();
    const { userId } = await world.member('bob@acme.test');
    await world.rows('UPDATE rolecall.sync_settings SET observe_only = true');
    await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, ['member']) });
    await world.settle();
    await missed(world, () =>
      world.simulator.dashboard.suspendMember({ organization: 'Acme', user: 'bob@acme.test' }),
    );
    expect(await statusOf(world, 'bob@acme.test')).toBe('inactive');
  });

  it('flags the organization whose last admin is a person who is found to be deleted, before any event tells', async () => {
    const world = await compared();
    const { dashboard } = world.simulator;
    const flagged = 'SELECT no_admin FROM rolecall.organization_state';
    dashboard.changeEmail({ user: 'ada@acme.test', email: 'ada@apex.test' });
    await pull(world);
    dashboard.deleteUser({ user: 'ada@apex.test' });
    expect(await world.rows(flagged)).toEqual([{ no_admin: false }]);
    await lookAtEnvironment(world);
    expect(await world.rows(flagged)).toEqual([{ no_admin: true }]);
    dashboard.addMember({ organization: 'Acme', user: 'bob@acme.test', roles: ['admin'] });
    await pull(world);
    await world.settle();
    expect(await world.rows(flagged)).toEqual([{ no_admin: false }]);
  });

  it('flags it too when the membership of that person ends before the organization was told', async () => {
    const world = await compared();
    world.simulator.dashboard.deleteUser({ user: 'ada@acme.test' });
    // Whoever found that was cut off between denying the person everywhere and telling the organizations.
    const [person] = await world.rows<{ id: string }>(
      'SELECT workos_user_id AS id FROM rolecall.users',
    );
    await inTransaction(world.test.db, (tx) =>
      mirrorUserEnd(tx, { workosUserId: String(person?.id), cause: null }),
    );
    await wantSnapshot(world.test.db, world.organizationId);
    await world.settle();
    expect(await liveMembers(world)).toEqual([]);
    expect(await world.rows('SELECT no_admin FROM rolecall.organization_state')).toEqual([
      { no_admin: true },
    ]);
  });
});

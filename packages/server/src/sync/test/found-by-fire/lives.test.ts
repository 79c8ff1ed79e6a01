import { afterEach, describe, expect, it } from 'vitest';
import {} from '../../../roles/index.ts';
import { wantSnapshot } from '../../reconcile/index.ts';
import {
  closeWorlds,
  dieAt,
  differing,
  liveMembers,
  meeting,
  membershipStates,
  pull,
  statusOf,
  lookAtEnvironment,
} from './stories.ts';

/** Who is removed, made anew or no more, while nobody has compared the two sides yet. */

afterEach(closeWorlds);

describe('the lives of a membership', () => {
  it('INVARIANT (incarnations): ends who was seen there and is removed while a side is to be chosen', async () => {
    const world = await differing();
    expect(await membershipStates(world)).toEqual([
      { state: 'planned', reason: 'differs_at_link' },
    ]);
    world.simulator.dashboard.removeMember({ organization: 'Acme', user: 'eve@acme.test' });
    await pull(world);
    await world.settle();
    expect(await liveMembers(world)).toEqual([]);
    expect(await membershipStates(world)).toEqual([{ state: 'idle', reason: null }]);
  });

  it('INVARIANT (absence): ends who a comparison lacks while a side is to be chosen, when no event told', async () => {
    const world = await differing();
    world.simulator.dashboard.removeMember({ organization: 'Acme', user: 'eve@acme.test' });
    await wantSnapshot(world.test.db, 'acme');
    await world.settle();
    expect(await liveMembers(world)).toEqual([]);
    expect(await membershipStates(world)).toEqual([{ state: 'idle', reason: null }]);
  });

  it('INVARIANT (incarnations): takes who was made anew while a side is to be chosen for a new life', async () => {
    const world = await differing();
    const { dashboard } = world.simulator;
    dashboard.removeMember({ organization: 'Acme', user: 'eve@acme.test' });
    dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['member'] });
    await pull(world);
    await world.settle();
    expect(await liveMembers(world)).toEqual([{ email: 'eve@acme.test', status: 'active' }]);
    expect((await world.member('eve@acme.test')).slugs).toEqual(['member']);
    expect(world.rolesThere('eve@acme.test')).toEqual(['member']);
  });

  it.each(['before', 'after'] as const)(
    'INVARIANT (incarnations): ends whose person is no more, told %s they were looked for, and who was never compared',
    async (told) => {
      const world = await meeting();
      // Eve is found to be the same person on both sides, and the worker dies before her membership is compared.
      await expect(world.drain({ reached: dieAt('answered') })).rejects.toThrow('died');
      world.simulator.dashboard.deleteUser({ user: 'eve@acme.test' });
      if (told === 'after') await world.settle();
      await pull(world);
      await lookAtEnvironment(world);
      await world.settle();
      expect(await liveMembers(world)).toEqual([]);
      expect(await membershipStates(world)).toEqual([{ state: 'idle', reason: null }]);
    },
  );

  it.each(['an event', 'a comparison'])(
    'INVARIANT (incarnations): ends who is removed between being recognised and being compared, told by %s',
    async (told) => {
      const world = await meeting();
      if (told === 'an event') await pull(world);
      // Eve is found to be the same person on both sides, and the worker dies before her membership is compared.
      await expect(world.drain({ reached: dieAt('answered') })).rejects.toThrow('died');
      world.simulator.dashboard.removeMember({ organization: 'Acme', user: 'eve@acme.test' });
      if (told === 'an event') await pull(world);
      await world.settle();
      expect(await liveMembers(world)).toEqual([]);
      expect(await membershipStates(world)).toEqual([{ state: 'idle', reason: null }]);
    },
  );

  it('INVARIANT (denied at once): denies who is removed between being recognised and being compared', async () => {
    const world = await meeting();
    await pull(world);
    await expect(world.drain({ reached: dieAt('answered') })).rejects.toThrow('died');
    world.simulator.dashboard.removeMember({ organization: 'Acme', user: 'eve@acme.test' });
    await pull(world);
    expect(await statusOf(world, 'eve@acme.test')).toBe('inactive');
  });
});

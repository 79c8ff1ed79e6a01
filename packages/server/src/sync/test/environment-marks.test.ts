import { afterEach, describe, expect, it } from 'vitest';
import { type WorkosPort } from '../../workos/index.ts';
import { listEnvironmentMarks } from '../inbound/index.ts';
import { drainEnvironment } from '../index.ts';
import { closeWorlds, compared, lookAtEnvironment, pull } from './found-by-fire/stories.ts';
import { type World } from './world.ts';

/** What is looked at of the environment, also when two workers do and one is paused with what it has read. */

afterEach(closeWorlds);

/** Compared, read and looked at: nothing is marked. */
async function opened(): Promise<World> {
  const world = await compared();
  await pull(world);
  await world.settle();
  await lookAtEnvironment(world);
  return world;
}

/** Looks at what is marked; what happens `meanwhile` does so after WorkOS's first answer. How often it asked. */
async function pausedAfter(
  world: World,
  call: 'getUser' | 'getOrganization' | 'listEnvironmentRoles',
  meanwhile: () => Promise<void>,
): Promise<number> {
  const { port } = world.workos;
  let asked = 0;
  const pausing = async <T>(answered: Promise<T>): Promise<T> => {
    const answer = await answered.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    asked += 1;
    if (asked === 1) await meanwhile();
    return answer();
  };
  const paused: Pick<WorkosPort, 'getUser' | 'getOrganization' | 'listEnvironmentRoles'> = {
    getUser: (id) => pausing(port.getUser(id)),
    getOrganization: (id) => pausing(port.getOrganization(id)),
    listEnvironmentRoles: () => pausing(port.listEnvironmentRoles()),
  };
  await drainEnvironment({ db: world.test.db, port: { ...port, [call]: paused[call] } });
  return asked;
}

describe('marks of the environment', () => {
  it('INVARIANT (marks of the environment): writes no older name over a newer one', async () => {
    const world = await opened();
    const { dashboard } = world.simulator;
    dashboard.renameOrganization({ organization: 'Acme', name: 'Apex' });
    await pull(world);
    const asked = await pausedAfter(world, 'getOrganization', async () => {
      dashboard.renameOrganization({ organization: 'Apex', name: 'Acme Again' });
      await pull(world);
      await lookAtEnvironment(world);
    });
    expect(asked).toBe(1);
    expect(await world.rows('SELECT name FROM rolecall.organizations')).toEqual([
      { name: 'Acme Again' },
    ]);
  });

  it('INVARIANT (marks of the environment): buries no role that was made again', async () => {
    const world = await opened();
    const { dashboard } = world.simulator;
    const extra = { slug: 'extra', name: 'Extra' };
    dashboard.createRole(extra);
    await pull(world);
    await lookAtEnvironment(world);
    dashboard.deleteRole({ slug: 'extra' });
    await pull(world);
    const asked = await pausedAfter(world, 'listEnvironmentRoles', async () => {
      dashboard.createRole(extra);
      await pull(world);
      await lookAtEnvironment(world);
    });
    expect(asked).toBe(1);
    expect(
      await world.rows(
        `SELECT slug FROM rolecall.global_roles WHERE slug = 'extra' AND deleted_at IS NULL`,
      ),
    ).toEqual([{ slug: 'extra' }]);
  });

  it('INVARIANT (marks of the environment): takes no mark away that was made since', async () => {
    const world = await opened();
    const { dashboard } = world.simulator;
    // Somebody who is a member no more, so that nothing but the mark is written.
    const eve = { organization: 'Acme', user: 'eve@acme.test' };
    dashboard.addMember({ ...eve, roles: ['member'] });
    await pull(world);
    await world.settle();
    await lookAtEnvironment(world);
    dashboard.removeMember(eve);
    dashboard.updateUser({ user: eve.user, lastName: 'Moss' });
    await pull(world);
    await world.settle();
    const asked = await pausedAfter(world, 'getUser', async () => {
      await lookAtEnvironment(world);
      dashboard.updateUser({ user: eve.user, firstName: 'Eve' });
      await pull(world);
    });
    expect(asked).toBe(2);
    expect(await listEnvironmentMarks(world.test.db, 10)).toEqual([]);
  });

  it('asks nothing about people whom nobody here knows', async () => {
    const world = await opened();
    world.simulator.dashboard.createUser({ email: 'zoe@elsewhere.test' });
    await pull(world);
    expect(await listEnvironmentMarks(world.test.db, 10)).toHaveLength(1);
    expect(await pausedAfter(world, 'getUser', () => Promise.resolve())).toBe(0);
    expect(await listEnvironmentMarks(world.test.db, 10)).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { createRole, deleteRole, setMemberRoles, updateRole } from '../../roles/index.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A linked organization with an admin and two members on both sides, all equal. */
async function linked(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld({
    ...options,
    before: (simulator) => {
      const organization = 'Acme';
      simulator.dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      simulator.dashboard.addMember({ organization, user: 'bob@acme.test', roles: ['member'] });
      simulator.dashboard.addMember({ organization, user: 'cy@acme.test', roles: ['member'] });
      options.before?.(simulator);
    },
  });
  worlds.push(world);
  await world.settle();
  world.simulator.requests.clear();
  return world;
}

async function allIdle(world: World): Promise<void> {
  const entities = await world.entities();
  expect(entities.filter((entity) => entity.state !== 'idle' || entity.pending)).toEqual([]);
}

const writes = (world: World): readonly string[] =>
  world.simulator.requests
    .list()
    .filter((request) => request.method !== 'GET')
    .map((request) => request.method);

describe('linking an organization', () => {
  it('takes in what is there, with its roles, and is then equal', async () => {
    const world = await linked({
      before: ({ dashboard }) => {
        dashboard.createRole({ organization: 'Acme', slug: 'org-auditor', name: 'Auditor' });
        dashboard.changeMemberRoles({
          organization: 'Acme',
          user: 'bob@acme.test',
          roles: ['member', 'org-auditor'],
        });
      },
    });
    expect((await world.member('ada@acme.test')).slugs).toEqual(['admin']);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member', 'org-auditor']);
    await allIdle(world);
    expect(writes(world)).toEqual([]);
  });
});

describe('a change here', () => {
  it('reaches WorkOS: a role, then who holds it', async () => {
    const world = await linked();
    const bob = await world.member('bob@acme.test');
    const role = await world.run(createRole, {
      name: 'Auditor',
      grants: [{ scope: 'project:read' }],
      memberIds: [bob.userId],
    });
    await world.settle();
    expect(world.rolesThere('bob@acme.test')).toEqual(['member', 'org-auditor']);
    await world.run(updateRole, { roleId: role.id, name: 'Inspector' });
    await world.settle();
    const found = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(found.name).toBe('Inspector');
    await allIdle(world);
  });

  it('becomes one call however often it changed meanwhile', async () => {
    const world = await linked();
    const role = await world.run(createRole, { name: 'Auditor', grants: [] });
    for (let turn = 0; turn < 20; turn += 1) {
      await world.run(updateRole, { roleId: role.id, description: `turn ${turn}` });
    }
    await world.settle();
    expect(writes(world)).toEqual(['POST']);
    await allIdle(world);
  });

  it('moves members away from a role before it deletes it, suspended ones too', async () => {
    const world = await linked();
    const cy = await world.member('cy@acme.test');
    const role = await world.run(createRole, {
      name: 'Auditor',
      grants: [],
      memberIds: [cy.userId],
    });
    await world.settle();
    world.simulator.dashboard.suspendMember({ organization: 'Acme', user: 'cy@acme.test' });
    await world.run(deleteRole, { roleId: role.id });
    await world.settle();
    await expect(
      world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor'),
    ).rejects.toMatchObject({ kind: 'gone' });
    expect(world.rolesThere('cy@acme.test')).toEqual(['member']);
    const [row] = await world.rows<{ slug_held: boolean }>(
      'SELECT slug_held FROM rolecall.roles WHERE id = $1',
      role.id,
    );
    expect(row?.slug_held).toBe(false);
  });

  it('takes rights away before anything else', async () => {
    const world = await linked();
    const [ada, bob] = [await world.member('ada@acme.test'), await world.member('bob@acme.test')];
    const [admin = ''] = ada.roleIds;
    await world.run(setMemberRoles, { userId: bob.userId, roleIds: [admin] });
    await world.settle();
    world.simulator.requests.clear();
    await world.run(createRole, { name: 'Auditor', grants: [] });
    const cy = await world.member('cy@acme.test');
    await world.run(setMemberRoles, { userId: bob.userId, roleIds: cy.roleIds });
    await world.settle();
    expect(writes(world)).toEqual(['PUT', 'POST']);
  });

  it('survives an answer that never came, and does not send what arrived', async () => {
    const world = await linked();
    world.simulator.faults.add({
      match: { method: 'POST' },
      fault: { kind: 'drop', stage: 'after' },
      times: 1,
    });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.drain();
    const [waiting] = (await world.entities()).filter((entity) => entity.state === 'waiting');
    expect(waiting).toMatchObject({ reason: 'call_unanswered', pending: true });
    await world.settle();
    expect(writes(world)).toEqual(['POST']);
    await allIdle(world);
  }, 30_000);

  it('waits as long as WorkOS asks, and then arrives', async () => {
    const world = await linked();
    world.simulator.faults.add({
      fault: { kind: 'error', stage: 'before', status: 503 },
      times: 2,
    });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    const found = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(found.name).toBe('Auditor');
    await allIdle(world);
  }, 30_000);
});

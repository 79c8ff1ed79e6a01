import { afterEach, describe, expect, it } from 'vitest';
import { createRole, deleteRole, setMemberRoles } from '../../roles/index.ts';
import { drainEnvironment, findDrift, pullEvents } from '../index.ts';
import { wantSnapshot } from '../reconcile/index.ts';
import { openWorld, type World } from './world.ts';

/** What `npm run fire` has found, each as the shortest story that shows it. */

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function linked(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({
        organization: 'Acme',
        user: 'bob@acme.test',
        roles: ['admin', 'member'],
      });
    },
  });
  worlds.push(world);
  await pull(world);
  await world.settle();
  return world;
}

const pull = (world: World) => pullEvents({ db: world.test.db, port: world.workos.port });

async function roleIds(world: World, slugs: readonly string[]): Promise<readonly string[]> {
  const rows = await world.rows<{ id: string }>(
    `SELECT r.id FROM rolecall.roles r LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
       WHERE r.live AND coalesce(g.slug, r.slug) = ANY ($1)`,
    slugs,
  );
  return rows.map(({ id }) => id);
}

describe('what the simulation has found', () => {
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

  it('takes over the name of an organization whose event was missed', async () => {
    const world = await linked();
    world.simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'Apex' });
    world.simulator.dashboard.createRole({ slug: 'extra', name: 'Extra' });
    await pull(world);
    await drainEnvironment({ db: world.test.db, port: world.workos.port });
    world.simulator.dashboard.renameOrganization({ organization: 'Apex', name: 'Acme Again' });
    world.simulator.dashboard.deleteRole({ slug: 'extra' });
    world.simulator.faults.expireEvents({ keep: 0 });
    expect(await pull(world)).toMatchObject({ restarted: true });
    await world.settle();
    await drainEnvironment({ db: world.test.db, port: world.workos.port });
    expect(await world.rows('SELECT name FROM rolecall.organizations')).toEqual([
      { name: 'Acme Again' },
    ]);
    expect(await roleIds(world, ['extra'])).toHaveLength(1);
    expect(
      await world.rows(
        `SELECT FROM rolecall.global_roles WHERE slug = 'extra' AND deleted_at IS NULL`,
      ),
    ).toEqual([]);
  });

  it('does not take its own emptying of a role for somebody who took it away', async () => {
    const world = await linked();
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    // The environment gets a role of the same slug, and bob holds that one beside the organization's own.
    world.simulator.dashboard.createRole({ slug: 'org-auditor', name: 'Auditor' });
    await pull(world);
    await drainEnvironment({ db: world.test.db, port: world.workos.port });
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
});

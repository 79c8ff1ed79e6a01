import { afterEach, describe, expect, it } from 'vitest';
import { createRole, setMemberRoles } from '../../../roles/index.ts';
import { LeaseLost } from '../../entity/index.ts';
import {
  closeWorlds,
  compared,
  comparisons,
  linked,
  membershipStates,
  pull,
  roleIds,
  statusOf,
  lookAtEnvironment,
} from './stories.ts';

/** What a first reading, a comparison and a mark see, and what they must not lose. */

afterEach(closeWorlds);

describe('what is compared and marked', () => {
  it('INVARIANT (marks): a worker that was paused takes no mark away that was made since', async () => {
    const world = await linked();
    const bob = { organization: 'Acme', user: 'bob@acme.test' };
    world.simulator.dashboard.suspendMember(bob);
    await pull(world);
    let paused = false;
    const drained = world.drain({
      reached: async (step) => {
        if (step !== 'committed' || paused) return;
        paused = true;
        // Its lease ends; somebody else finishes, and then he is back.
        await world.rows(
          `UPDATE rolecall.sync_organizations SET held_until = now() - interval '1 s'`,
        );
        await world.drain();
        world.simulator.dashboard.reactivateMember(bob);
        await pull(world);
      },
    });
    await drained.catch((error: unknown) => {
      if (!(error instanceof LeaseLost)) throw error;
    });
    expect(paused).toBe(true);
    await world.settle();
    expect(await statusOf(world, 'bob@acme.test')).toBe('active');
  });

  it('takes over the name of an organization whose event was missed', async () => {
    const world = await linked();
    world.simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'Apex' });
    world.simulator.dashboard.createRole({ slug: 'extra', name: 'Extra' });
    await pull(world);
    await lookAtEnvironment(world);
    world.simulator.dashboard.renameOrganization({ organization: 'Apex', name: 'Acme Again' });
    world.simulator.dashboard.deleteRole({ slug: 'extra' });
    world.simulator.faults.expireEvents({ keep: 0 });
    expect(await pull(world)).toMatchObject({ restarted: true });
    await world.settle();
    await lookAtEnvironment(world);
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

  it('INVARIANT (beginning): compares everything after the first event, for others were before it', async () => {
    const world = await compared();
    const { dashboard } = world.simulator;
    // Nobody has read the stream when this happens, and when it is read this is not kept any more.
    dashboard.createRole({ slug: 'extra', name: 'Extra' });
    world.simulator.faults.expireEvents({ keep: 0 });
    dashboard.createRole({ slug: 'later', name: 'Later' });
    expect(await pull(world)).toEqual({ events: 1, restarted: false });
    await world.settle();
    expect(await roleIds(world, ['extra'])).toHaveLength(1);
  });

  it('INVARIANT (beginning): compares everything when a stream without an event was not read for long', async () => {
    const world = await compared();
    world.simulator.faults.expireEvents({ keep: 0 });
    expect(await pull(world)).toEqual({ events: 0, restarted: false });
    await world.settle();
    // Read again and again, it has shown nothing: nothing can have been missed.
    await pull(world);
    expect(await comparisons(world)).toEqual([{ waits: false }]);
    await world.rows(`UPDATE rolecall.sync_cursors SET read_at = now() - interval '2 hours'`);
    world.simulator.dashboard.createRole({ slug: 'extra', name: 'Extra' });
    world.simulator.faults.expireEvents({ keep: 0 });
    expect(await pull(world)).toEqual({ events: 0, restarted: false });
    await world.settle();
    expect(await roleIds(world, ['extra'])).toHaveLength(1);
  });

  it('INVARIANT (shadowed slugs): does not exchange a role of the environment for the own one of its slug', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    dashboard.createRole({ slug: 'org-auditor', name: 'Auditor' });
    await pull(world);
    await lookAtEnvironment(world);
    const [shared] = await world.rows<{ id: string }>(
      `SELECT r.id FROM rolecall.roles r JOIN rolecall.global_roles g ON g.id = r.global_role_id
         WHERE g.slug = 'org-auditor'`,
    );
    const { userId } = await world.member('bob@acme.test');
    const given = [String(shared?.id), ...(await roleIds(world, ['admin', 'member']))];
    await world.run(setMemberRoles, { userId, roleIds: given });
    await world.settle();
    // Somebody takes another role of his away in WorkOS.
    dashboard.changeMemberRoles({
      organization: 'Acme',
      user: 'bob@acme.test',
      roles: ['member', 'org-auditor'],
    });
    await pull(world);
    await world.settle();
    const held = await world.rows<{ id: string }>(
      `SELECT a.role_id AS id FROM rolecall.assignments a JOIN rolecall.memberships m ON m.id = a.membership_id
         WHERE m.email = 'bob@acme.test' ORDER BY 1`,
    );
    const kept = [String(shared?.id), ...(await roleIds(world, ['member']))];
    expect(held.map(({ id }) => id)).toEqual(kept.sort());
  });

  it('INVARIANT (waiting ends): who waits for a role whose name is taken here wakes nobody else who does', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    await world.run(createRole, { name: 'Inspector', grants: [] });
    await world.settle();
    dashboard.createRole({ organization: 'Acme', slug: 'org-another', name: 'Inspector' });
    for (const user of ['ada@acme.test', 'bob@acme.test']) {
      dashboard.changeMemberRoles({ organization: 'Acme', user, roles: ['admin', 'org-another'] });
    }
    await pull(world);
    let steps = 0;
    await world.drain({
      reached: () => {
        steps += 1;
        if (steps > 100) throw new Error('it never ends');
      },
    });
    expect(await membershipStates(world)).toEqual(
      [1, 2].map(() => ({ state: 'parked', reason: 'unknown_role' })),
    );
  });
});

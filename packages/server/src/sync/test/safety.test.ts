import { afterEach, describe, expect, it } from 'vitest';
import { outage } from '../../errors/index.ts';
import { createRole, type Role, setMemberRoles, updateRole } from '../../roles/index.ts';
import { type SyncStep } from '../converge/index.ts';
import { writeSettings } from '../entity/index.ts';
import { pullEvents } from '../index.ts';
import { wantSnapshot } from '../reconcile/index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function linked(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ organization: 'Acme', user: 'bob@acme.test', roles: ['member'] });
    },
  });
  worlds.push(world);
  await pull(world);
  await world.settle();
  return world;
}

const pull = (world: World) => pullEvents({ db: world.test.db, port: world.workos.port });
const bob = { organization: 'Acme', user: 'bob@acme.test' };

async function nameThere(world: World): Promise<string> {
  return (await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor')).name;
}

async function nameHere(world: World): Promise<string | undefined> {
  const rows = await world.rows<{ name: string }>(
    `SELECT name FROM rolecall.roles WHERE slug = 'org-auditor' AND live`,
  );
  return rows[0]?.name;
}

async function withAuditor(): Promise<{ world: World; role: Role }> {
  const world = await linked();
  const role = await world.run(createRole, { name: 'Auditor', grants: [] });
  await world.settle();
  return { world, role };
}

describe('the safety of both directions', () => {
  it('INVARIANT (fencing): writes nothing under a lease that somebody has taken over', async () => {
    const { world, role } = await withAuditor();
    await world.run(updateRole, { roleId: role.id, name: 'First' });
    let taken = false;
    const paused = world.drain({
      leaseMs: 300,
      reached: async (step) => {
        if (step !== 'answered' || taken) return;
        taken = true;
        // This worker sleeps past the end of its lease, while another one does newer work.
        await new Promise((resolve) => setTimeout(resolve, 500));
        await world.run(updateRole, { roleId: role.id, name: 'Second' });
        expect(await world.drain()).toBe('drained');
      },
    });
    await expect(paused).rejects.toMatchObject({ name: 'LeaseLost' });
    await world.settle();
    expect([await nameHere(world), await nameThere(world)]).toEqual(['Second', 'Second']);
  }, 60_000);

  it('INVARIANT (fencing): a worker that lost its lease cannot undo what the next one knows', async () => {
    const { world, role } = await withAuditor();
    await world.run(updateRole, { roleId: role.id, name: 'First' });
    const entity = async (): Promise<unknown> =>
      (
        await world.rows(
          `SELECT base, state, observed_at FROM rolecall.sync_entities WHERE kind = 'organization_role'`,
        )
      )[0];
    let known: unknown;
    await world
      .drain({
        leaseMs: 300,
        reached: async (step) => {
          if (step !== 'answered' || known !== undefined) return;
          await new Promise((resolve) => setTimeout(resolve, 500));
          await world.drain();
          known = await entity();
        },
      })
      .catch(() => undefined);
    expect(await entity()).toEqual(known);
  }, 60_000);

  it('INVARIANT (start over): a change that came during the call is sent too', async () => {
    const { world, role } = await withAuditor();
    await world.run(updateRole, { roleId: role.id, name: 'First' });
    let changed = false;
    await world.drain({
      reached: async (step) => {
        if (step !== 'answered' || changed) return;
        changed = true;
        await world.run(updateRole, { roleId: role.id, name: 'Second' });
      },
    });
    await world.settle();
    expect([await nameHere(world), await nameThere(world)]).toEqual(['Second', 'Second']);
    expect(await world.rows('SELECT FROM rolecall.sync_conflicts')).toEqual([]);
  }, 60_000);

  it('INVARIANT (remembered attempts): pushes over a write of its own that arrives late', async () => {
    const { world, role } = await withAuditor();
    world.simulator.faults.add({
      match: { method: 'PATCH' },
      fault: { kind: 'late', ms: 3_000 },
      times: 1,
    });
    await world.run(updateRole, { roleId: role.id, name: 'First' });
    await world.drain();
    await world.run(updateRole, { roleId: role.id, name: 'Second' });
    await world.drain();
    expect(await nameThere(world)).toBe('Second');
    await expect.poll(() => nameThere(world), { timeout: 10_000 }).toBe('First');
    await pull(world);
    await world.settle();
    expect([await nameHere(world), await nameThere(world)]).toEqual(['Second', 'Second']);
  }, 60_000);

  it('INVARIANT (observe first): makes a role once, though the answer never came', async () => {
    const world = await linked();
    world.simulator.requests.clear();
    world.simulator.faults.add({
      match: { method: 'POST' },
      fault: { kind: 'hang', stage: 'after' },
      times: 1,
    });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    const posts = world.simulator.requests.list().filter((request) => request.method === 'POST');
    expect(posts).toHaveLength(1);
    expect(await nameThere(world)).toBe('Auditor');
    const open = (await world.entities()).filter((entity) => entity.state !== 'idle');
    expect(open).toEqual([]);
  }, 60_000);

  const steps: readonly SyncStep[] = ['recorded', 'answered', 'committed'];
  it.each(steps)(
    'goes on where a worker died: %s',
    async (fatal) => {
      const world = await linked();
      const member = await world.member('bob@acme.test');
      const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
      const roleIds = [...member.roleIds, id];
      await world.run(setMemberRoles, { userId: member.userId, roleIds });
      for (let death = 0; death < 3; death += 1) {
        let reached = 0;
        const reach = (step: SyncStep): void => {
          if (step !== fatal) return;
          reached += 1;
          if (reached > death) throw outage('database_unavailable', 'the worker died', 1);
        };
        await world.drain({ reached: reach }).catch(() => undefined);
      }
      await world.settle();
      expect(world.rolesThere('bob@acme.test')).toEqual(['member', 'org-auditor']);
      expect((await world.entities()).filter((entity) => entity.state !== 'idle')).toEqual([]);
      expect(await world.rows('SELECT FROM rolecall.sync_conflicts')).toEqual([]);
    },
    60_000,
  );

  it('does not claim a role that somebody made under the slug of a new one', async () => {
    const world = await linked();
    world.simulator.dashboard.createRole({
      organization: 'Acme',
      slug: 'org-auditor',
      name: 'Theirs',
    });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    expect([await nameHere(world), await nameThere(world)]).toEqual(['Auditor', 'Theirs']);
    const open = (await world.entities()).filter((entity) => entity.state !== 'idle');
    expect(open).toMatchObject([{ state: 'conflict', reason: 'slug_taken' }]);
  });

  it('puts back what was changed there in an environment that enforces', async () => {
    const { world } = await withAuditor();
    await writeSettings(world.test.db, { mode: 'enforce', observeOnly: false });
    const { dashboard } = world.simulator;
    dashboard.renameRole({ organization: 'Acme', slug: 'org-auditor', name: 'Theirs' });
    dashboard.changeMemberRoles({ ...bob, roles: ['org-auditor'] });
    await pull(world);
    await world.settle();
    expect([await nameHere(world), await nameThere(world)]).toEqual(['Auditor', 'Auditor']);
    expect(world.rolesThere('bob@acme.test')).toEqual(['member']);
  });

  it('sends nothing while it may only observe, and everything afterwards', async () => {
    const world = await linked();
    await writeSettings(world.test.db, { mode: 'adopt', observeOnly: true });
    world.simulator.requests.clear();
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    const sent = world.simulator.requests.list().filter((request) => request.method !== 'GET');
    expect(sent).toEqual([]);
    await writeSettings(world.test.db, { mode: 'adopt', observeOnly: false });
    await world.settle();
    expect(await nameThere(world)).toBe('Auditor');
  });

  it('keeps to what can be sent while a role is refused, and says why', async () => {
    const world = await openWorld({
      simulator: { multipleRoles: false },
      before: ({ dashboard }) => {
        dashboard.addMember({ organization: 'Acme', user: 'bob@acme.test', roles: ['member'] });
      },
    });
    worlds.push(world);
    await world.settle();
    const member = await world.member('bob@acme.test');
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.run(setMemberRoles, { userId: member.userId, roleIds: [...member.roleIds, id] });
    await world.drain();
    const blocked = (await world.entities()).filter((entity) => entity.state === 'blocked');
    expect(blocked).toMatchObject([{ reason: 'multiple_roles_not_enabled', pending: true }]);
    expect(await nameThere(world)).toBe('Auditor');
  });
});

describe('what a listing has shown', () => {
  it('INVARIANT (fresh sightings): is not believed of what was heard of since', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    const users = Array.from({ length: 40 }, (_, index) => `user${index}@acme.test`);
    for (const user of users) dashboard.addMember({ organization: 'Acme', user });
    await pull(world);
    await world.settle();
    // Everybody is promoted, and no event of it is read before the listing.
    for (const user of users) {
      dashboard.changeMemberRoles({ organization: 'Acme', user, roles: ['admin'] });
    }
    await wantSnapshot(world.test.db, world.organizationId);
    const last = { organization: 'Acme', user: 'user39@acme.test' };
    let heard = false;
    await world.drain({
      reached: async () => {
        if (heard) return;
        heard = true;
        // The listing is over; what comes now is newer, and its mark is there before anybody looks.
        dashboard.changeMemberRoles({ ...last, roles: ['member'] });
        await pull(world);
      },
    });
    await world.settle();
    expect(heard).toBe(true);
    const { slugs, userId } = await world.member(last.user);
    expect(slugs).toEqual(['member']);
    const promoted = await world.rows(
      `SELECT FROM rolecall.audit_events WHERE subject = $1 AND action = 'member.roles_changed'`,
      `user:${userId}`,
    );
    expect(promoted).toEqual([]);
  });

  it('spares the calls when many are marked at once', async () => {
    const world = await linked();
    const users = Array.from({ length: 60 }, (_, index) => `user${index}@acme.test`);
    for (const user of users) world.simulator.dashboard.addMember({ organization: 'Acme', user });
    await pull(world);
    world.simulator.requests.clear();
    await world.settle();
    expect(world.simulator.requests.counts().total).toBeLessThan(5);
    expect((await world.member('user59@acme.test')).slugs).toEqual(['member']);
  });
});

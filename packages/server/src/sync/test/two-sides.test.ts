import { afterEach, describe, expect, it } from 'vitest';
import { createRolecall } from '../../rolecall.ts';
import { createGrants, createRole, setMemberRoles, updateRole } from '../../roles/index.ts';
import { inTransaction } from '../../database/index.ts';
import { backfill, drainEnvironment, findDrift, pullEvents, repair } from '../index.ts';
import { listDueOrganizations } from '../entity/index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const organization = 'Acme';
const bob = { organization, user: 'bob@acme.test' };
const people = Array.from({ length: 5 }, (_, index) => `user${index}@acme.test`);

async function linked(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
      dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ ...bob, roles: ['admin'] });
      for (const user of people) dashboard.addMember({ organization, user, roles: ['member'] });
    },
  });
  worlds.push(world);
  await arrive(world);
  return world;
}

const options = (world: World) => ({ db: world.test.db, port: world.workos.port });

async function arrive(world: World): Promise<void> {
  await pullEvents(options(world));
  await drainEnvironment(options(world));
  await world.settle();
}

const drift = async (world: World) =>
  (await findDrift(options(world), world.organizationId))?.drift ?? [];

const roleIdOf = async (world: World, slug: string): Promise<string> => {
  const [row] = await world.rows<{ id: string }>(
    `SELECT r.id FROM rolecall.roles r LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
       WHERE r.organization_id = $1 AND r.live AND coalesce(g.slug, r.slug) = $2 ORDER BY r.kind DESC`,
    world.organizationId,
    slug,
  );
  return row?.id ?? '';
};

describe('a member who is suspended in WorkOS and demoted here meanwhile', () => {
  it('is denied at once, keeps what they hold, and comes back without the old role', async () => {
    const world = await linked();
    const { userId } = await world.member(bob.user);
    const rolecall = createRolecall({ database: world.test.database, memory: false });
    const may = async (): Promise<boolean> =>
      (await rolecall.access.principal('acme', `user:${userId}`)).can('org:admin', 'acme');
    try {
      expect(await may()).toBe(true);
      world.simulator.dashboard.suspendMember(bob);
      await pullEvents(options(world));
      expect(await may()).toBe(false);
      await world.settle();
      expect((await world.member(bob.user)).slugs).toEqual(['admin']);
      await world.run(setMemberRoles, { userId, roleIds: [await roleIdOf(world, 'member')] });
      await world.settle();
      expect(await may()).toBe(false);
      expect((await world.member(bob.user)).slugs).toEqual(['member']);
      world.simulator.dashboard.reactivateMember(bob);
      await arrive(world);
      expect((await world.member(bob.user)).status).toBe('active');
      expect((await world.member(bob.user)).slugs).toEqual(['member']);
      expect(world.rolesThere(bob.user)).toEqual(['member']);
      expect(await may()).toBe(false);
      expect(await drift(world)).toEqual([]);
    } finally {
      await rolecall.close();
    }
  });
});

describe('a slug that the organization and the environment both have', () => {
  it('is the role of the organization alone: the other one gives nothing, and its end takes nothing', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    dashboard.createRole({ slug: 'org-auditor', name: 'Auditor of all' });
    dashboard.changeMemberRoles({ ...bob, roles: ['org-auditor'] });
    await arrive(world);
    const held = () =>
      world.rows<{ kind: string; name: string }>(
        `SELECT r.kind, coalesce(g.name, r.name) AS name FROM rolecall.assignments a
           JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id = a.role_id
           LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
           JOIN rolecall.memberships m ON m.organization_id = a.organization_id AND m.id = a.membership_id
           WHERE m.email = $1`,
        bob.user,
      );
    expect(await held()).toEqual([{ kind: 'organization', name: 'Auditor' }]);
    dashboard.renameRole({ slug: 'org-auditor', name: 'Somebody else' });
    await arrive(world);
    expect(await held()).toEqual([{ kind: 'organization', name: 'Auditor' }]);
    dashboard.deleteRole({ slug: 'org-auditor' });
    await arrive(world);
    expect(await held()).toEqual([{ kind: 'organization', name: 'Auditor' }]);
    expect(await drift(world)).toEqual([]);
  });
});

describe('a role that was made here and never sent', () => {
  it('survives a backfill and a repair with its grants and members, and is sent afterwards', async () => {
    const world = await linked();
    const { userId } = await world.member(bob.user);
    const role = await world.run(createRole, {
      name: 'Writer',
      grants: [{ scope: 'project:write' }],
      memberIds: [userId],
    });
    const plans = backfill({ ...options(world), context: world.context, dryRun: false });
    for await (const { organizationId } of plans) expect(organizationId).toBe('acme');
    await repair({ ...options(world), dryRun: false }, world.organizationId);
    await world.settle();
    const [kept] = await world.rows(
      `SELECT r.live, r.member_count::int AS members,
           (SELECT count(*)::int FROM rolecall.grants g WHERE g.role_id = r.id) AS grants
         FROM rolecall.roles r WHERE r.id = $1`,
      role.id,
    );
    expect(kept).toEqual({ live: true, members: 1, grants: 1 });
    expect(world.rolesThere(bob.user)).toEqual(['admin', 'org-writer']);
  });
});

describe('a batch of which a part succeeds', () => {
  it('leaves what succeeded done and what did not to be tried again, each by itself', async () => {
    const world = await linked();
    const auditor = await roleIdOf(world, 'org-auditor');
    world.simulator.faults.add({
      match: { method: 'PUT' },
      fault: { kind: 'reply', status: 422, body: { code: 'multiple_roles_not_enabled' } },
      nth: [2, 4],
    });
    for (const email of people) {
      const { userId } = await world.member(email);
      await world.run(setMemberRoles, { userId, roleIds: [auditor] });
    }
    await world.drain();
    const states = (await world.entities()).filter((one) => one.kind === 'membership_roles');
    expect(states.filter((one) => one.state === 'blocked')).toHaveLength(2);
    expect(states.filter((one) => one.pending)).toHaveLength(2);
    const there = people.filter((email) => world.rolesThere(email).includes('org-auditor'));
    expect(there).toHaveLength(3);
    await world.rows(
      `UPDATE rolecall.sync_entities SET next_attempt_at = now() WHERE state = 'blocked'`,
    );
    await world.settle();
    expect(people.every((email) => world.rolesThere(email).includes('org-auditor'))).toBe(true);
    const puts = world.simulator.requests.list().filter((one) => one.method === 'PUT');
    expect(puts).toHaveLength(7);
  });
});

describe('the outbox', () => {
  it('is one row however much changes, and finds what commits after what is newer', async () => {
    const world = await linked();
    const roleId = await roleIdOf(world, 'org-auditor');
    const count = async (): Promise<number> => (await world.entities()).length;
    const before = await count();
    for (let turn = 0; turn < 30; turn += 1) {
      await world.run(updateRole, { roleId, description: `turn ${turn}` });
    }
    expect(await count()).toBe(before);
    await world.settle();
    // An older transaction, which took its numbers first, commits after a newer change was sent.
    const userId = (await world.member(bob.user)).userId ?? '';
    await inTransaction(world.test.db, async (older) => {
      await older.selectFrom('organizations').select('id').execute();
      await world.run(updateRole, { roleId, description: 'newer' });
      await world.settle();
      await setMemberRoles(
        older,
        world.organizationId,
        { userId, roleIds: [await roleIdOf(world, 'member')] },
        world.context,
      );
    });
    expect(await listDueOrganizations(world.test.db)).toMatchObject({
      organizationIds: [world.organizationId],
    });
    await world.settle();
    expect(world.rolesThere(bob.user)).toEqual(['member']);
    expect(await listDueOrganizations(world.test.db)).toMatchObject({ organizationIds: [] });
  });
});

describe('a reader of events that dies', () => {
  it.each(['read', 'stored'] as const)(
    'after `%s` leaves cursor and effects as one',
    async (step) => {
      const world = await linked();
      const position = () => world.rows('SELECT position FROM rolecall.sync_cursors');
      const marks = () => world.rows('SELECT FROM rolecall.sync_marks');
      const before = await position();
      world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
      const reached = (at: 'read' | 'stored'): void => {
        if (at === step) throw new Error('died');
      };
      await expect(pullEvents({ ...options(world), reached })).rejects.toThrow('died');
      const moved = JSON.stringify(await position()) !== JSON.stringify(before);
      // Either both are there, or neither is.
      expect({ moved, marked: (await marks()).length > 0 }).toEqual(
        step === 'read' ? { moved: false, marked: false } : { moved: true, marked: true },
      );
      await arrive(world);
      expect((await world.member(bob.user)).slugs).toEqual(['member']);
    },
  );
});

describe('the inbox', () => {
  it('forgets what was taken long before WorkOS can show it again, and keeps what waits', async () => {
    const world = await linked();
    await world.rows(
      `INSERT INTO rolecall.sync_inbox (event_id, type, happened_at, received_at, data, state, waits_for, reason)
         SELECT 'event_0' || n, 'user.updated', now(), now() - n * interval '1 day', '{}', state,
             CASE state WHEN 'parked' THEN 'org_later' END, CASE state WHEN 'quarantined' THEN 'odd' END
           FROM (VALUES (59, 'taken'), (61, 'taken'), (62, 'unknown'), (63, 'parked'), (64, 'quarantined'))
             AS old (n, state)`,
    );
    await pullEvents(options(world));
    const left = await world.rows<{ event_id: string }>(
      `SELECT event_id FROM rolecall.sync_inbox WHERE event_id LIKE 'event_0__' ORDER BY 1`,
    );
    expect(left.map((row) => row.event_id)).toEqual(['event_059', 'event_063', 'event_064']);
  });
});

describe('what an admin holds', () => {
  it('has no end in time: nothing that makes one can expire', async () => {
    const world = await linked();
    const columns = await world.rows(
      `SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'rolecall' AND table_name IN ('assignments', 'grants', 'roles', 'memberships')
           AND column_name ~ '(expire|until|valid|end)'`,
    );
    expect(columns).toEqual([]);
    const { userId } = await world.member(bob.user);
    const ends = { userId, grants: [{ scope: 'org:admin', expires_at: '2027-01-01' }] };
    await world.run(createGrants, ends).catch(() => undefined);
    expect(await world.rows(`SELECT FROM rolecall.usable_admins`)).toHaveLength(2);
  });
});

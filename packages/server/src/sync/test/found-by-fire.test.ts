import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import {
  addMember,
  createRole,
  deleteRole,
  mirrorUserEnd,
  setMemberRoles,
  updateRole,
} from '../../roles/index.ts';
import { type SyncStep } from '../converge/index.ts';
import { LeaseLost } from '../entity/index.ts';
import { ingest } from '../inbound/ingest.ts';
import { drainEnvironment, findDrift, pullEvents } from '../index.ts';
import { chooseSide, wantSnapshot } from '../reconcile/index.ts';
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

/** Linked and compared, before anybody has read the stream. */
async function compared(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
    },
  });
  worlds.push(world);
  await world.settle();
  return world;
}

/** Gives roles to a member by a call that reaches WorkOS and whose answer never comes. */
async function sendUnanswered(
  world: World,
  userId: string | null,
  slugs: readonly string[],
): Promise<void> {
  const hang = { kind: 'hang', stage: 'after' } as const;
  world.simulator.faults.add({ match: { method: 'PUT' }, fault: hang, times: 1 });
  await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, slugs) });
  await world.drain();
}

/** Everything that was sent and settled was so a day earlier. */
async function dayPasses({ rows }: World): Promise<void> {
  await rows(`UPDATE rolecall.sync_attempts
    SET sent_at = sent_at - interval '1 day', deadline = deadline - interval '1 day'`);
  await rows(`UPDATE rolecall.sync_entities SET settled_at = settled_at - interval '1 day'`);
}

const comparisons = (world: World) =>
  world.rows('SELECT snapshot_done < snapshot_wanted AS waits FROM rolecall.sync_organizations');

const pull = (world: World) => pullEvents({ db: world.test.db, port: world.workos.port });

/** A member on both sides who has other roles here than there; linked, and not compared. */
async function meeting(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['member'] });
    },
  });
  worlds.push(world);
  const link = 'UPDATE rolecall.organizations SET workos_id = $1';
  await world.rows(link, null);
  await world.run(addMember, { id: 'eve', email: 'eve@acme.test' });
  await world.run(setMemberRoles, { userId: 'eve', roleIds: await roleIds(world, ['admin']) });
  await world.rows(link, world.remoteId);
  return world;
}

/** The same, compared: somebody has to choose a side. */
async function differing(): Promise<World> {
  const world = await meeting();
  await pull(world);
  await world.settle();
  return world;
}

/** A role whose creation was never answered, deleted again before it arrived. */
async function deleteUnanswered(world: World): Promise<void> {
  const fault = { kind: 'hang' } as const;
  world.simulator.faults.add({ match: { method: 'POST' }, fault, times: 1 });
  const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
  await world.drain();
  await world.run(deleteRole, { roleId: id });
  await world.settle();
}

/**
 * A role is deleted here that eve has in WorkOS, whom nobody here knows by her membership there: the call that empties
 * it leaves her with `member`, and is never answered.
 */
async function emptyUnanswered(world: World): Promise<void> {
  const { dashboard, faults } = world.simulator;
  const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
  await world.settle();
  dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['org-auditor'] });
  faults.add({ match: { method: 'PUT' }, fault: { kind: 'hang' }, times: 1 });
  await world.run(deleteRole, { roleId: id });
  await world.drain();
  // However slowly this runs, the call may still take effect when she is taken in.
  await world.rows(`UPDATE rolecall.sync_attempts SET deadline = deadline + interval '2 seconds'`);
}

const unansweredSets = (world: World) =>
  world.rows(
    `SELECT e.kind, a.value -> 'roles' AS value FROM rolecall.sync_attempts a
       JOIN rolecall.sync_entities e ON e.id = a.entity_id WHERE a.value ? 'roles'`,
  );

/** Somebody, or a call of ours that is late, gives eve this one role in WorkOS; it is heard of. */
async function changeEve(world: World, role: string): Promise<void> {
  const eve = { organization: 'Acme', user: 'eve@acme.test', roles: [role] };
  world.simulator.dashboard.changeMemberRoles(eve);
  await pull(world);
  await world.settle();
}

/** The creation takes effect after all. */
function arriveLate({ simulator }: World): void {
  simulator.dashboard.createRole({ organization: 'Acme', slug: 'org-auditor', name: 'Auditor' });
}

const ownRolesThere = ({ simulator }: World): readonly unknown[] =>
  simulator
    .state()
    .roles.filter((role) => role['organization_id'] !== null)
    .map((role) => role['slug']);

/** Ends a worker at its first moment of this kind. */
function dieAt(moment: SyncStep): (step: SyncStep) => void {
  return (step) => {
    if (step === moment) throw new Error('died');
  };
}

const membershipStates = async (world: World) =>
  (await world.entities())
    .filter(({ kind }) => kind === 'membership_roles')
    .map(({ state, reason }) => ({ state, reason }));

const liveMembers = (world: World) =>
  world.rows('SELECT email, status FROM rolecall.memberships WHERE deleted_at IS NULL');

const statusOf = async (world: World, email: string) => (await world.member(email)).status;

/** Something happens there, its events are not kept, and everything is compared. */
async function missed(world: World, act: () => unknown): Promise<void> {
  act();
  world.simulator.faults.expireEvents({ keep: 0 });
  const options = { db: world.test.db, port: world.workos.port };
  expect((await findDrift(options, world.organizationId))?.drift).toHaveLength(1);
  expect(await pull(world)).toMatchObject({ restarted: true });
  await world.settle();
}

const addedAs = (world: World, email: string) =>
  world.rows(
    `SELECT after ->> 'status' AS status FROM rolecall.audit_events
       WHERE action = 'member.added' AND after ->> 'email' = $1`,
    email,
  );

/** Reads a suspension under the one lock while somebody waits for it who has looked before. */
async function suspendBehindALock(
  world: World,
  user: string,
  locked: (nothing: undefined) => void,
): Promise<void> {
  const { test, simulator, organizationId } = world;
  await inTransaction(test.db, async (tx) => {
    await lockOrganization(tx, organizationId);
    locked(undefined);
    const waiting = `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE NOT l.granted AND a.datname = current_database()`;
    while ((await world.rows(waiting)).length === 0) await sleep(10);
    simulator.dashboard.suspendMember({ organization: 'Acme', user });
    const { all = [] } = simulator.state({ events: true }).events;
    const event = all.at(-1) ?? {};
    await ingest(tx, [
      {
        id: String(event['id']),
        type: String(event['event']),
        createdAt: String(event['created_at']),
        data: event['data'],
      },
    ]);
  });
}

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

  it('INVARIANT (shadowed slugs): does not exchange a role of the environment for the own one of its slug', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    dashboard.createRole({ slug: 'org-auditor', name: 'Auditor' });
    await pull(world);
    await drainEnvironment({ db: world.test.db, port: world.workos.port });
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
    await drainEnvironment({ db: world.test.db, port: world.workos.port });
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

  it('flags the organization whose last admin is a person who is found to be deleted, before any event tells', async () => {
    const world = await compared();
    const { dashboard } = world.simulator;
    const flagged = 'SELECT no_admin FROM rolecall.organization_state';
    dashboard.changeEmail({ user: 'ada@acme.test', email: 'ada@apex.test' });
    await pull(world);
    dashboard.deleteUser({ user: 'ada@apex.test' });
    expect(await world.rows(flagged)).toEqual([{ no_admin: false }]);
    await drainEnvironment({ db: world.test.db, port: world.workos.port });
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

  it.each(['before', 'after'] as const)(
    'INVARIANT (incarnations): ends whose person is no more, told %s they were looked for, and who was never compared',
    async (told) => {
      const world = await meeting();
      // Eve is found to be the same person on both sides, and the worker dies before her membership is compared.
      await expect(world.drain({ reached: dieAt('answered') })).rejects.toThrow('died');
      world.simulator.dashboard.deleteUser({ user: 'eve@acme.test' });
      if (told === 'after') await world.settle();
      await pull(world);
      await drainEnvironment({ db: world.test.db, port: world.workos.port });
      await world.settle();
      expect(await liveMembers(world)).toEqual([]);
      expect(await membershipStates(world)).toEqual([{ state: 'idle', reason: null }]);
    },
  );

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

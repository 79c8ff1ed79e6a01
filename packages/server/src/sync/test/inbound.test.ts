import { afterEach, describe, expect, it } from 'vitest';
import { signWebhook } from '@rolecall/workos-simulator';
import { setMemberRoles, updateRole } from '../../roles/index.ts';
import { createWebhookReceiver, drainEnvironment, pullEvents, replayEvents } from '../index.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function linked(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld({
    ...options,
    before: ({ dashboard }) => {
      const organization = 'Acme';
      dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
      dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ organization, user: 'bob@acme.test', roles: ['org-auditor'] });
    },
  });
  worlds.push(world);
  await pull(world);
  await world.settle();
  return world;
}

const pull = (world: World) => pullEvents({ db: world.test.db, port: world.workos.port });
const bob = { organization: 'Acme', user: 'bob@acme.test' };

async function arrive(world: World): Promise<void> {
  await pull(world);
  await drainEnvironment({ db: world.test.db, port: world.workos.port });
  await world.settle();
}

async function statusOf(world: World, email: string): Promise<readonly unknown[]> {
  return world.rows(
    `SELECT status, deleted_at IS NOT NULL AS deleted FROM rolecall.memberships
       WHERE organization_id = 'acme' AND email = $1 ORDER BY joined_at`,
    email,
  );
}

describe('a change in WorkOS', () => {
  it('arrives: a renamed role, changed roles, a new member, a new role', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    dashboard.renameRole({ organization: 'Acme', slug: 'org-auditor', name: 'Inspector' });
    dashboard.changeMemberRoles({ ...bob, roles: ['member', 'org-auditor'] });
    dashboard.createRole({ organization: 'Acme', slug: 'org-writer', name: 'Writer' });
    dashboard.addMember({ organization: 'Acme', user: 'cy@acme.test', roles: ['org-writer'] });
    await arrive(world);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member', 'org-auditor']);
    expect((await world.member('cy@acme.test')).slugs).toEqual(['org-writer']);
    const names = await world.rows<{ name: string }>(
      `SELECT name FROM rolecall.roles WHERE kind = 'organization' ORDER BY name`,
    );
    expect(names.map((row) => row.name)).toEqual(['Inspector', 'Writer']);
  });

  it('denies a suspended member in the transaction that reads the event, and keeps the roles', async () => {
    const world = await linked();
    world.simulator.dashboard.suspendMember(bob);
    await pull(world);
    expect(await statusOf(world, 'bob@acme.test')).toEqual([
      { status: 'inactive', deleted: false },
    ]);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
    world.simulator.dashboard.reactivateMember(bob);
    await arrive(world);
    expect(await statusOf(world, 'bob@acme.test')).toEqual([{ status: 'active', deleted: false }]);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
  });

  it('gives a new life nothing of the old one', async () => {
    const world = await linked();
    world.simulator.dashboard.recreateMember({ ...bob, roles: ['member'] });
    await arrive(world);
    expect(await statusOf(world, 'bob@acme.test')).toEqual([
      expect.objectContaining({ deleted: true }),
      { status: 'active', deleted: false },
    ]);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
  });

  it('buries a role that is deleted there, and its members keep the rest', async () => {
    const world = await linked();
    world.simulator.dashboard.deleteRole({ organization: 'Acme', slug: 'org-auditor' });
    await arrive(world);
    const [role] = await world.rows(
      `SELECT deleted_at IS NOT NULL AS deleted, slug_held FROM rolecall.roles WHERE slug = 'org-auditor'`,
    );
    expect(role).toEqual({ deleted: true, slug_held: false });
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
  });

  it('takes a role made anew under its slug for another one, without its grants', async () => {
    const world = await linked();
    world.simulator.dashboard.recreateRole({ organization: 'Acme', slug: 'org-auditor' });
    await arrive(world);
    const roles = await world.rows<{ id: string; live: boolean }>(
      `SELECT id, live FROM rolecall.roles WHERE slug = 'org-auditor' ORDER BY live`,
    );
    expect(roles.map((role) => role.live)).toEqual([false, true]);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
  });

  it('never lets an echo of an older write undo a newer one', async () => {
    const world = await linked();
    const [role] = await world.rows<{ id: string }>(
      `SELECT id FROM rolecall.roles WHERE slug = 'org-auditor'`,
    );
    await world.run(updateRole, { roleId: role?.id, name: 'First' });
    await world.settle();
    await world.run(updateRole, { roleId: role?.id, name: 'Second' });
    await pull(world);
    await world.settle();
    const there = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(there.name).toBe('Second');
  });

  it('records what it overrules', async () => {
    const world = await linked();
    const member = await world.member('bob@acme.test');
    const [admin = ''] = (await world.member('ada@acme.test')).roleIds;
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member', 'org-auditor'] });
    await world.run(setMemberRoles, {
      userId: member.userId,
      roleIds: [...member.roleIds, admin],
    });
    await arrive(world);
    expect(world.rolesThere('bob@acme.test')).toEqual(['admin', 'org-auditor']);
    const conflicts = await world.rows(`SELECT reason, theirs FROM rolecall.sync_conflicts`);
    expect(conflicts).toEqual([{ reason: 'overruled', theirs: ['member', 'org-auditor'] }]);
  });

  it('puts the last admin back when somebody takes the role there', async () => {
    const world = await linked();
    const ada = { organization: 'Acme', user: 'ada@acme.test' };
    world.simulator.dashboard.changeMemberRoles({ ...ada, roles: ['member'] });
    await arrive(world);
    expect(world.rolesThere('ada@acme.test')).toContain('admin');
    expect((await world.member('ada@acme.test')).slugs).toContain('admin');
  });

  it('denies who is deleted, everywhere', async () => {
    const world = await linked();
    world.simulator.dashboard.deleteUser({ user: 'bob@acme.test' });
    await arrive(world);
    expect(await statusOf(world, 'bob@acme.test')).toEqual([
      expect.objectContaining({ deleted: true }),
    ]);
    const users = await world.rows(
      `SELECT FROM rolecall.users WHERE email = 'bob@acme.test' AND deleted_at IS NOT NULL`,
    );
    expect(users).toHaveLength(1);
  });
});

describe('reading the stream', () => {
  it('takes every event once, however often it is read', async () => {
    const world = await linked();
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    const first = await Promise.all([pull(world), pull(world)]);
    expect(first.map((result) => result.events).sort()).toEqual([0, 1]);
    expect((await pull(world)).events).toBe(0);
  });

  it('INVARIANT (cursor): never goes back when two read at once', async () => {
    const world = await linked();
    const position = async (): Promise<unknown> =>
      (await world.rows<{ position: string }>('SELECT position FROM rolecall.sync_cursors'))[0]
        ?.position;
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    let late: Promise<unknown> | undefined;
    await pullEvents({
      db: world.test.db,
      port: world.workos.port,
      reached: async (step) => {
        if (step !== 'read' || late !== undefined) return;
        // Somebody else reads further while this reader holds an older page.
        world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['org-auditor'] });
        late = pull(world);
        await late;
      },
    });
    const newest = world.simulator.state().events.newest;
    expect(await position()).toBe(newest);
  });

  it('parks what is about an organization that nobody knows, until it is linked', async () => {
    const world = await linked();
    const { id } = world.simulator.dashboard.createOrganization({ name: 'Later' });
    world.simulator.dashboard.addMember({ organization: 'Later', user: 'di@later.test' });
    await pull(world);
    const states = await world.rows(
      `SELECT DISTINCT state, waits_for FROM rolecall.sync_inbox WHERE state = 'parked'`,
    );
    expect(states).toEqual([{ state: 'parked', waits_for: id }]);
  });

  it('quarantines what it cannot read, reads on, and replays it', async () => {
    const world = await linked();
    world.simulator.dashboard.emitEvent({
      event: 'organization_membership.updated',
      data: { id: 'om_broken' },
    });
    world.simulator.dashboard.emitEvent({ event: 'something.new', data: {} });
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    await arrive(world);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
    const held = await world.rows(
      `SELECT type, reason FROM rolecall.sync_inbox WHERE state = 'quarantined'`,
    );
    expect(held).toEqual([
      { type: 'organization_membership.updated', reason: 'unexpected_answer' },
    ]);
    await world.rows(
      `UPDATE rolecall.sync_inbox SET data = data || jsonb_build_object('organization_id', $1::text,
         'user_id', 'user_x', 'status', 'active') WHERE state = 'quarantined'`,
      world.remoteId,
    );
    expect(await replayEvents(world.test.db)).toBe(1);
    await world.settle();
  });

  it('compares everything when its cursor is older than what is kept', async () => {
    const world = await linked();
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['member'] });
    world.simulator.faults.expireEvents({ keep: 0 });
    expect(await pull(world)).toMatchObject({ restarted: true });
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['member']);
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['org-auditor'] });
    await arrive(world);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
  });

  it('INVARIANT (unknown roles): waits for a role that it cannot see, and wipes nothing meanwhile', async () => {
    const world = await linked();
    const { dashboard, faults } = world.simulator;
    const hidden = faults.add({
      match: { method: 'GET', path: '/authorization/organizations/*/roles' },
      fault: { kind: 'omit', share: 1 },
    });
    dashboard.createRole({ organization: 'Acme', slug: 'org-late', name: 'Late' });
    dashboard.changeMemberRoles({ ...bob, roles: ['org-late'] });
    // Of the role itself no event has arrived.
    await pull(world);
    await world.rows(`DELETE FROM rolecall.sync_marks WHERE kind = 'organization_role'`);
    await world.settle();
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-auditor']);
    const parked = (await world.entities()).filter((entity) => entity.state === 'parked');
    expect(parked).toMatchObject([{ kind: 'membership_roles', reason: 'unknown_role' }]);
    faults.remove(hidden);
    dashboard.renameRole({ organization: 'Acme', slug: 'org-late', name: 'Later' });
    await arrive(world);
    expect((await world.member('bob@acme.test')).slugs).toEqual(['org-late']);
  });
});

describe('a webhook', () => {
  it('nudges once when it is genuine, and never when it is not', () => {
    let nudges = 0;
    const receiver = createWebhookReceiver({
      secrets: ['whsec'],
      nudge: () => {
        nudges += 1;
      },
    });
    const text = JSON.stringify({
      id: 'event_1',
      event: 'user.created',
      created_at: new Date().toISOString(),
      data: {},
    });
    const body = new TextEncoder().encode(text);
    const header = signWebhook(text, 'whsec', Date.now());
    expect(receiver.receive({ header, body })).toEqual({ accepted: true, repeated: false });
    expect(receiver.receive({ header, body })).toEqual({ accepted: true, repeated: true });
    const forged = signWebhook(text, 'other', Date.now());
    expect(receiver.receive({ header: forged, body })).toEqual({
      accepted: false,
      doubt: 'wrong_signature',
    });
    expect(nudges).toBe(1);
  });
});

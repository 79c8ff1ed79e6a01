import { afterEach, describe, expect, it } from 'vitest';
import { createRole, deleteRole } from '../../roles/index.ts';
import {
  listHeldMarks,
  pullEvents,
  readSyncAlarms,
  replayEvents,
  retryMark,
  writeSettings,
} from '../index.ts';
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
const held = (world: World) => listHeldMarks(world.test.db, { limit: 10 });
const hurry = (world: World) =>
  world.rows('UPDATE rolecall.sync_marks SET next_attempt_at = clock_timestamp()');

describe('INVARIANT (quarantine)', () => {
  it('takes an event away that no table can hold, and reads on', async () => {
    const world = await linked();
    const { dashboard } = world.simulator;
    dashboard.changeMemberRoles({ ...bob, roles: ['admin'] });
    const { remoteId } = world;
    const data = { id: 'om_odd', organization_id: remoteId, user_id: 'user_odd', status: 'active' };
    const event = 'organization_membership.updated';
    dashboard.emitEvent({ event, data: { ...data, text: 'a\u0000b' } });
    dashboard.suspendMember(bob);
    expect((await pull(world)).events).toBe(3);
    expect((await pull(world)).events).toBe(0);
    await world.settle();
    const [row] = await world.rows(
      `SELECT type, reason FROM rolecall.sync_inbox WHERE state = 'quarantined'`,
    );
    expect(row).toEqual({ type: event, reason: 'unprocessable' });
    expect((await world.member(bob.user)).status).toBe('inactive');
  });

  it('takes the event with the thing that nobody can process, and replays it', async () => {
    const world = await linked();
    const { dashboard, faults } = world.simulator;
    dashboard.addMember({ organization: 'Acme', user: 'cy@acme.test' });
    dashboard.changeMemberRoles({ ...bob, roles: ['admin'] });
    await pull(world);
    const [cy] = await world.rows<{ key: string }>(
      `SELECT data ->> 'id' AS key FROM rolecall.sync_inbox
         WHERE type = 'organization_membership.created' ORDER BY event_id DESC LIMIT 1`,
    );
    const broken = faults.add({
      match: { method: 'GET', path: `/user_management/organization_memberships/${cy?.key ?? ''}` },
      fault: { kind: 'reply', status: 200, body: {} },
    });
    for (let turn = 0; turn < 6; turn += 1) {
      await hurry(world);
      await world.drain();
    }
    expect((await world.member(bob.user)).slugs).toEqual(['admin']);
    expect(await held(world)).toMatchObject([
      { kind: 'membership', key: cy?.key, state: 'quarantined', reason: 'unexpected_answer' },
    ]);
    const quarantined = await world.rows<{ type: string }>(
      `SELECT type FROM rolecall.sync_inbox WHERE state = 'quarantined'`,
    );
    expect(quarantined).toEqual([{ type: 'organization_membership.created' }]);
    faults.remove(broken);
    expect(await replayEvents(world.test.db)).toBe(1);
    await world.settle();
    expect((await world.member('cy@acme.test')).slugs).toEqual(['member']);
    expect(await held(world)).toEqual([]);
  });
});

describe('a role of WorkOS whose name is taken here', () => {
  it('is shown as blocked, with what to do, and taken in when there is room', async () => {
    const world = await linked();
    const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.settle();
    world.simulator.dashboard.createRole({
      organization: 'Acme',
      slug: 'org-other',
      name: 'Auditor',
    });
    await pull(world);
    await world.settle();
    const [blocked] = await held(world);
    expect(blocked).toMatchObject({
      kind: 'organization_role',
      key: 'org-other',
      state: 'blocked',
      reason: 'name_taken',
    });
    expect(blocked?.advice).toContain('Rename one of the two');
    await world.run(deleteRole, { roleId: id });
    expect(await retryMark(world.test.db, blocked?.id ?? '')).toBe(true);
    await world.settle();
    expect(await held(world)).toEqual([]);
    const rows = await world.rows(
      `SELECT slug FROM rolecall.roles WHERE kind = 'organization' AND live`,
    );
    expect(rows).toEqual([{ slug: 'org-other' }]);
  });
});

describe('the stream of events', () => {
  it('raises an alarm when two thirds of its retention have passed unread', async () => {
    const world = await linked();
    const alarm = async () => (await readSyncAlarms(world.test.db)).eventsWillBeLost;
    expect(await alarm()).toBe(false);
    await world.rows(`UPDATE rolecall.sync_cursors SET read_at = now() - interval '21 days'`);
    expect(await alarm()).toBe(true);
    await writeSettings(world.test.db, { retentionDays: 90 });
    expect(await alarm()).toBe(false);
    await world.rows(`UPDATE rolecall.sync_cursors SET read_at = now() - interval '61 days'`);
    expect(await alarm()).toBe(true);
    await pull(world);
    expect(await alarm()).toBe(false);
  });
});

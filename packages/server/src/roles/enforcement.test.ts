import { type Db, query } from '@rolecall/server/database';
import { buildMember, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { tracesFrom } from '../../test/roles/traces.ts';
import {
  getEnforcement,
  getMember,
  getOrganization,
  getRole,
  preflight,
  setEnforcement,
} from './index.ts';
import { judgePreflight } from './preflight.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

type State = 'off' | 'shadow' | 'enforced';
const turn = (room: Room, state: State) => room.perform(setEnforcement, { state });

describe('enforcement', () => {
  it('is turned off, to shadow and on again, each time with a trace', async () => {
    const room = await openRoom(test.db);
    for (const [before, state] of [
      ['enforced', 'off'],
      ['off', 'shadow'],
      ['shadow', 'enforced'],
    ] as const) {
      const { value, revision } = await turn(room, state);
      expect(value.state).toBe(state);
      expect((await getEnforcement(test.db, room.id)).state).toBe(state);
      expect((await getOrganization(test.db, room.id)).enforcement).toBe(state);
      expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
        changes: [{ what: { organization: true } }],
        audit: [{ action: 'enforcement.changed', before: { state: before }, after: { state } }],
      });
    }
  });

  it('leaves no trace when it is what it was', async () => {
    const room = await openRoom(test.db);
    const { revision } = await turn(room, 'enforced');
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ what: {} }],
      audit: [],
    });
  });

  it('is not turned on before the organization is ready, and says why', async () => {
    const room = await openRoom(test.db, { enforcement: 'off' });
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET status = 'inactive' WHERE organization_id = $1`,
      values: [room.id],
    });
    await buildMember(test.db, room.id, { userId: 'without' });
    await expect(turn(room, 'enforced')).rejects.toMatchObject({
      code: 'preflight_failed',
      details: {
        problems: [{ path: 'usable_admin' }, { path: 'members_have_roles' }],
        items: [
          { name: 'system_roles', passed: true },
          { name: 'usable_admin', passed: false },
          { name: 'members_have_roles', passed: false, message: '`without` holds no role' },
          { name: 'no_unmapped_grants', passed: true },
          { name: 'sync_healthy', passed: true },
        ],
      },
    });
    expect((await getEnforcement(test.db, room.id)).state).toBe('off');
    expect((await turn(room, 'shadow')).value.preflight.ready).toBe(false);
  });

  it('is ready where an active admin is there and everybody holds a role', async () => {
    const room = await openRoom(test.db);
    expect(await preflight(test.db, room.id)).toMatchObject({ ready: true });
  });

  it('is not known of an organization that is not there', async () => {
    await expect(getEnforcement(test.db, 'nowhere')).rejects.toMatchObject({
      code: 'organization_not_found',
    });
    await expect(preflight(test.db, 'nowhere')).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });
});

describe('the preflight', () => {
  it('misses a system role that is gone', () => {
    const facts = {
      adminRole: true,
      memberRole: false,
      usableAdmin: true,
      memberWithoutRole: null,
      unmappedSlugs: [],
      sync: undefined,
    };
    expect(judgePreflight(facts)).toMatchObject({
      ready: false,
      items: [
        { name: 'system_roles', passed: false, message: 'the organization has no role `member`' },
        { passed: true },
        { passed: true },
        { passed: true },
        { passed: true },
      ],
    });
  });

  it.each([
    [{ compared: false }, 'the organization was not compared with WorkOS since it was linked'],
    [{ stopped: true }, 'a mass removal was stopped and waits for a decision'],
    [{ open: 2 }, '`2` things wait for a decision before they can be made equal'],
    [{ oldestPendingMs: 3_600_000 }, 'a change waits to reach WorkOS for longer than ten minutes'],
    [{ oldestPendingMs: 1_000 }, 'both sides are equal, or about to be'],
  ])('tells whether both sides are equal: %j', (trouble, message) => {
    const healthy = { compared: true, open: 0, stopped: false, oldestPendingMs: null };
    const facts = {
      adminRole: true,
      memberRole: true,
      usableAdmin: true,
      memberWithoutRole: null,
      unmappedSlugs: [],
      sync: { ...healthy, ...trouble },
    };
    const item = judgePreflight(facts).items.find(({ name }) => name === 'sync_healthy');
    expect(item).toMatchObject({ passed: message.startsWith('both'), message });
  });

  it('fails while grants are keyed by a slug that names no role', async () => {
    const room = await openRoom(test.db, { enforcement: 'off' });
    await query(test.db, { text: `UPDATE rolecall.environment SET legacy_state = 'dual'` });
    await query(test.db, {
      text: `INSERT INTO rolecall.legacy_grants (organization_id, slug, scope, effect, resource_id)
        VALUES ($1, 'nobody-knows', 'project:read', 'allow', 'p1')`,
      values: [room.id],
    });
    const { items } = await preflight(test.db, room.id);
    expect(items.filter((item) => !item.passed)).toMatchObject([
      {
        name: 'no_unmapped_grants',
        message: 'grants are keyed by `nobody-knows`, which names no role',
      },
    ]);
  });

  it('wants an admin whom WorkOS knows, and both sides compared, where the organization is linked', async () => {
    const room = await openRoom(test.db);
    await room.link();
    const failed = async (): Promise<readonly string[]> => {
      const { items } = await preflight(test.db, room.id);
      return items.filter((item) => !item.passed).map(({ name }) => name);
    };
    expect(await failed()).toEqual(['usable_admin', 'sync_healthy']);
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET workos_membership_id = 'om_' || id
        WHERE organization_id = $1`,
      values: [room.id],
    });
    await query(test.db, {
      text: `UPDATE rolecall.sync_organizations SET snapshot_done = 1, compared_at = now()
        WHERE organization_id = $1`,
      values: [room.id],
    });
    expect(await failed()).toEqual([]);
  });
});

describe('a bootstrap', () => {
  const rolesGone = (room: Room) =>
    query(test.db, {
      text: `WITH no_grants AS (DELETE FROM rolecall.grants WHERE organization_id = $1),
          nobody AS (DELETE FROM rolecall.assignments WHERE organization_id = $1 AND role_id = $2)
        UPDATE rolecall.roles SET deleted_at = now() WHERE organization_id = $1 AND id = $2`,
      values: [room.id, room.memberRoleId],
    });

  it('makes what is missing in the transaction that turns enforcement on', async () => {
    const room = await openRoom(test.db, { enforcement: 'off' });
    await rolesGone(room);
    await buildMember(test.db, room.id, { userId: `without-${room.id}` });
    await expect(turn(room, 'enforced')).rejects.toMatchObject({ code: 'preflight_failed' });
    const args = { state: 'enforced', bootstrap: true } as const;
    const { value, revision } = await room.perform(setEnforcement, args);
    expect(value).toMatchObject({ state: 'enforced', preflight: { ready: true } });
    const member = await getMember(test.db, room.id, `without-${room.id}`);
    expect(member.roleIds).toEqual([room.memberRoleId]);
    const role = await getRole(test.db, room.id, room.memberRoleId);
    expect(role.grants.map(({ scope }) => scope)).toEqual(
      expect.arrayContaining(['org:read', 'project:read']),
    );
    const { changes, audit } = await tracesFrom(test.db, room.id, revision);
    expect(changes).toMatchObject([{ what: { organization: true } }]);
    expect(audit.map(({ action }) => action)).toEqual([
      'role.created',
      'member.roles_changed',
      'enforcement.changed',
    ]);
  });

  it('changes nothing where it does not suffice', async () => {
    const room = await openRoom(test.db, { enforcement: 'off' });
    await rolesGone(room);
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET status = 'inactive' WHERE organization_id = $1`,
      values: [room.id],
    });
    const args = { state: 'enforced', bootstrap: true } as const;
    await expect(room.perform(setEnforcement, args)).rejects.toMatchObject({
      code: 'preflight_failed',
      details: { problems: [{ path: 'usable_admin' }] },
    });
    expect(await preflight(test.db, room.id)).toMatchObject({
      items: [{ name: 'system_roles', passed: false }, {}, {}, {}, {}],
    });
  });

  it('makes a system role of the whole environment where none of WorkOS brings it, and not where one does', async () => {
    const other = await createTestDatabase();
    const room = await openRoom(other.db, { enforcement: 'off' });
    await rolesGoneIn(other.db, room);
    const state = { state: 'enforced', bootstrap: true } as const;
    await room.link();
    await expect(room.perform(setEnforcement, state)).rejects.toMatchObject({
      code: 'preflight_failed',
    });
    await query(other.db, { text: 'UPDATE rolecall.organizations SET workos_id = NULL' });
    const { value } = await room.perform(setEnforcement, state);
    expect(value.preflight).toMatchObject({ ready: true });
    await other.close();
  });

  it('leaves everything as it is where nothing is missing', async () => {
    const room = await openRoom(test.db);
    const args = { state: 'enforced', bootstrap: true } as const;
    const { revision } = await room.perform(setEnforcement, args);
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ what: {} }],
      audit: [],
    });
  });
});

/** The global role `member` is gone for everybody, as if WorkOS had deleted it. */
async function rolesGoneIn(db: Db, room: Room): Promise<void> {
  await query(db, { text: 'DELETE FROM rolecall.grants' });
  await query(db, {
    text: 'DELETE FROM rolecall.assignments WHERE role_id = $1',
    values: [room.memberRoleId],
  });
  await query(db, {
    text: 'UPDATE rolecall.roles SET deleted_at = now() WHERE id = $1',
    values: [room.memberRoleId],
  });
  await query(db, {
    text: `UPDATE rolecall.global_roles SET deleted_at = now() WHERE slug = 'member'`,
  });
}

import { buildMember, createTestDatabase } from '@rolecall/testkit';
import { query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { brokenInvariants, intentsOf, tracesFrom } from '../../test/roles/traces.ts';
import { createRole, getMember, getRole, type Role, setMemberRoles, updateRole } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const on = (...ids: readonly string[]) =>
  ids.map((id) => ({ resource_kind: 'project', resource_id: id }));

async function roomWithRole(): Promise<{ readonly room: Room; readonly role: Role }> {
  const room = await openRoom(test.db);
  const { value: role } = await room.perform(createRole, {
    name: 'Support',
    description: 'Helps',
    grants: [{ scope: 'project:read', selectors: on('p1', 'p2') }],
  });
  return { room, role };
}

async function grantIds(room: Room, roleId: string): Promise<Readonly<Record<string, number>>> {
  const rows = await query<{ readonly id: number; readonly resource_id: string }>(test.db, {
    text: 'SELECT id, resource_id FROM rolecall.grants WHERE organization_id = $1 AND role_id = $2',
    values: [room.id, roleId],
  });
  return Object.fromEntries(rows.map((row) => [row.resource_id, row.id]));
}

describe('changing a role', () => {
  it('replaces only what it names, and raises the version', async () => {
    const { room, role } = await roomWithRole();
    const { value } = await room.perform(updateRole, { roleId: role.id, name: 'Helpers' });
    expect(value).toEqual({
      ...role,
      name: 'Helpers',
      version: 2,
      updatedAt: value.updatedAt,
    });
    expect(value).toEqual(await getRole(test.db, room.id, role.id));
  });

  it('never changes the slug', async () => {
    const { room, role } = await roomWithRole();
    const { value } = await room.perform(updateRole, { roleId: role.id, name: 'Other' });
    expect(value.slug).toBe('org-support');
  });

  it('may change the case of its own name', async () => {
    const { room, role } = await roomWithRole();
    const { value } = await room.perform(updateRole, { roleId: role.id, name: 'SUPPORT' });
    expect(value.name).toBe('SUPPORT');
  });

  it('takes a description away', async () => {
    const { room, role } = await roomWithRole();
    const { value } = await room.perform(updateRole, { roleId: role.id, description: null });
    expect(value.description).toBeNull();
  });

  it('replaces the grants; those that stay keep their ids', async () => {
    const { room, role } = await roomWithRole();
    const before = await grantIds(room, role.id);
    const { value } = await room.perform(updateRole, {
      roleId: role.id,
      grants: [{ scope: 'project:read', selectors: on('p2', 'p3') }],
    });
    expect(value.grants).toEqual([
      { scope: 'project:read', effect: 'allow', selectors: on('p2', 'p3') },
    ]);
    const after = await grantIds(room, role.id);
    expect(Object.keys(after).sort()).toEqual(['p2', 'p3']);
    expect(after['p2']).toBe(before['p2']);
  });

  it('says in the history what changed, and nothing else', async () => {
    const { room, role } = await roomWithRole();
    const { revision } = await room.perform(updateRole, { roleId: role.id, name: 'Helpers' });
    const { audit, changes } = await tracesFrom(test.db, room.id, revision);
    expect(audit).toMatchObject([
      {
        action: 'role.updated',
        subject: role.principal,
        before: { name: 'Support', version: 1 },
        after: { name: 'Helpers', version: 2 },
      },
    ]);
    expect(Object.keys(audit[0]?.after ?? {}).sort()).toEqual(['name', 'updated_at', 'version']);
    expect(changes).toEqual([{ revision, what: {} }]);
  });

  it('names the role in the change record when its grants changed', async () => {
    const { room, role } = await roomWithRole();
    const { revision } = await room.perform(updateRole, { roleId: role.id, grants: [] });
    expect((await tracesFrom(test.db, room.id, revision)).changes).toEqual([
      { revision, what: { roles: [role.id] } },
    ]);
  });

  it('leaves version, history and intents alone when nothing changes', async () => {
    const { room, role } = await roomWithRole();
    await room.link();
    const { value, revision } = await room.perform(updateRole, {
      roleId: role.id,
      name: 'Support',
      description: 'Helps',
      grants: [{ scope: 'project:read', selectors: on('p2', 'p1', 'p1') }],
      memberIds: [],
    });
    expect(value).toEqual(role);
    const { audit, changes } = await tracesFrom(test.db, room.id, revision);
    expect([audit, changes]).toEqual([[], [{ revision, what: {} }]]);
    expect(await intentsOf(test.db, room.id)).toEqual([]);
  });

  it('sends name and description to WorkOS, and grants never', async () => {
    const { room, role } = await roomWithRole();
    await room.link();
    await room.perform(updateRole, { roleId: role.id, grants: [] });
    expect(await intentsOf(test.db, room.id)).toEqual([]);
    await room.perform(updateRole, { roleId: role.id, description: 'Other' });
    expect(await intentsOf(test.db, room.id)).toEqual([
      { kind: 'organization_role', subject_id: role.id, priority: 1, local_version: 1 },
    ]);
  });

  it('refuses an older version, and names the current one', async () => {
    const { room, role } = await roomWithRole();
    await room.perform(updateRole, { roleId: role.id, name: 'Helpers', ifMatch: 1 });
    await expect(
      room.perform(updateRole, { roleId: role.id, name: 'Late', ifMatch: 1 }),
    ).rejects.toMatchObject({ code: 'version_mismatch', details: { currentVersion: 2 } });
  });

  it('lets one of two at once through when both name the version they have read', async () => {
    const { room, role } = await roomWithRole();
    const both = await Promise.allSettled(
      ['One', 'Two'].map((name) => room.perform(updateRole, { roleId: role.id, name, ifMatch: 1 })),
    );
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('keeps both of two at once that name different fields', async () => {
    const { room, role } = await roomWithRole();
    await Promise.all([
      room.perform(updateRole, { roleId: role.id, name: 'Helpers' }),
      room.perform(updateRole, { roleId: role.id, description: 'New' }),
    ]);
    expect(await getRole(test.db, room.id, role.id)).toMatchObject({
      name: 'Helpers',
      description: 'New',
      version: 3,
    });
  });

  it.each([{ name: 'Boss' }, { description: 'x' }, { name: 'Admin' }])(
    'refuses %o for a system role',
    async (fields) => {
      const room = await openRoom(test.db);
      await expect(
        room.perform(updateRole, { roleId: room.adminRoleId, ...fields }),
      ).rejects.toMatchObject({ code: 'system_role' });
    },
  );

  it('customises the grants of a system role for one organization', async () => {
    const [one, two] = [await openRoom(test.db), await openRoom(test.db)];
    const grants = [{ scope: 'org:read', effect: 'allow' as const }];
    const { value } = await one.perform(updateRole, { roleId: one.memberRoleId, grants });
    expect(value).toMatchObject({ name: 'Member', grants, version: 2 });
    const other = await getRole(test.db, two.id, two.memberRoleId);
    expect(other.version).toBe(1);
    expect(other.grants).toHaveLength(5);
  });

  it.each([
    ['none at all', []],
    ['one organization only', [{ scope: 'org:admin', selectors: [] }]],
    ['what does not imply it', [{ scope: 'org:read' }]],
    ['everything else', [{ scope: 'project:write' }, { scope: 'org:read' }]],
  ])('refuses grants of admin without org:admin everywhere: %s', async (_, grants) => {
    const room = await openRoom(test.db);
    await expect(
      room.perform(updateRole, { roleId: room.adminRoleId, grants }),
    ).rejects.toMatchObject({ code: 'admin_must_keep_org_admin' });
  });

  it('takes grants of admin that keep org:admin everywhere', async () => {
    const room = await openRoom(test.db);
    const grants = [{ scope: 'org:admin', effect: 'allow' as const }];
    const { value } = await room.perform(updateRole, { roleId: room.adminRoleId, grants });
    expect(value.grants).toEqual(grants);
  });

  it('refuses a name that another role has', async () => {
    const { room, role } = await roomWithRole();
    await room.perform(createRole, { name: 'Other', grants: [] });
    await expect(
      room.perform(updateRole, { roleId: role.id, name: 'oTHER' }),
    ).rejects.toMatchObject({ code: 'role_name_taken' });
  });

  it.each(['00000000-0000-4000-8000-000000000000', 'not-a-uuid', ''])(
    'does not find the role `%s`',
    async (roleId) => {
      const room = await openRoom(test.db);
      await expect(room.perform(updateRole, { roleId, name: 'A' })).rejects.toMatchObject({
        code: 'role_not_found',
      });
    },
  );

  it('does not find the role of another organization', async () => {
    const { role } = await roomWithRole();
    const other = await openRoom(test.db);
    await expect(other.perform(updateRole, { roleId: role.id, name: 'A' })).rejects.toMatchObject({
      code: 'role_not_found',
    });
  });
});

describe('changing who holds a role', () => {
  it('gives it to those named, and takes it from the others', async () => {
    const { room, role } = await roomWithRole();
    for (const id of ['ann', 'bob', 'cem']) await room.add(id);
    await room.perform(updateRole, { roleId: role.id, memberIds: ['ann', 'bob'] });
    const { value, revision } = await room.perform(updateRole, {
      roleId: role.id,
      memberIds: ['bob', 'cem'],
    });
    expect(value.memberCount).toBe(2);
    const holds = async (id: string) =>
      (await getMember(test.db, room.id, id)).roleIds.includes(role.id);
    expect([await holds('ann'), await holds('bob'), await holds('cem')]).toEqual([
      false,
      true,
      true,
    ]);
    const { changes, audit } = await tracesFrom(test.db, room.id, revision);
    expect(changes).toEqual([{ revision, what: { users: ['ann', 'cem'] } }]);
    expect(audit.map(({ subject }) => subject)).toEqual([role.principal, 'user:ann', 'user:cem']);
  });

  it('gives `member` to whoever would be left without a role', async () => {
    const { room, role } = await roomWithRole();
    await room.add('ann', { roleIds: [role.id] });
    await room.perform(updateRole, { roleId: role.id, memberIds: [] });
    expect((await getMember(test.db, room.id, 'ann')).roleIds).toEqual([room.memberRoleId]);
  });

  it('leaves a membership alone whose user is not known and cannot be named', async () => {
    const { room, role } = await roomWithRole();
    const pending = await buildMember(test.db, room.id, { userId: null, roleIds: [role.id] });
    const { value } = await room.perform(updateRole, { roleId: role.id, memberIds: [] });
    expect(value.memberCount).toBe(1);
    const rows = await query(test.db, {
      text: 'SELECT role_id FROM rolecall.assignments WHERE organization_id = $1 AND membership_id = $2',
      values: [room.id, pending.membershipId],
    });
    expect(rows).toEqual([{ role_id: role.id }]);
  });

  it('sends a loss to WorkOS before a gain', async () => {
    const { room, role } = await roomWithRole();
    const ann = await room.add('ann', { roleIds: [role.id] });
    const bob = await room.add('bob');
    await room.link();
    await room.perform(updateRole, { roleId: role.id, memberIds: ['bob'] });
    expect(await intentsOf(test.db, room.id)).toMatchObject([
      { subject_id: ann.membershipId, priority: 0 },
      { subject_id: bob.membershipId, priority: 2 },
    ]);
  });

  it('refuses to leave the organization without an admin', async () => {
    const room = await openRoom(test.db);
    await expect(
      room.perform(updateRole, { roleId: room.adminRoleId, memberIds: [] }),
    ).rejects.toMatchObject({ code: 'last_admin', details: { userIds: [room.admin.userId] } });
  });

  it('lets the last admin be replaced in one change, by somebody who can administer', async () => {
    const room = await openRoom(test.db);
    await room.add('next');
    await room.add('away');
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET status = 'inactive' WHERE organization_id = $1 AND user_id = 'away'`,
      values: [room.id],
    });
    const replaceBy = (userId: string) =>
      room.perform(updateRole, { roleId: room.adminRoleId, memberIds: [userId] });
    await expect(replaceBy('away')).rejects.toMatchObject({ code: 'last_admin' });
    expect((await replaceBy('next')).value.memberCount).toBe(1);
    expect((await getMember(test.db, room.id, room.admin.userId ?? '')).roleIds).toEqual([
      room.memberRoleId,
    ]);
  });

  it('refuses to change the roles of somebody whom a directory manages', async () => {
    const { room, role } = await roomWithRole();
    await room.add('ann', { roleIds: [role.id, room.memberRoleId] });
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET directory_managed = true WHERE organization_id = $1 AND user_id = 'ann'`,
      values: [room.id],
    });
    await expect(
      room.perform(updateRole, { roleId: role.id, memberIds: [] }),
    ).rejects.toMatchObject({ code: 'owned_by_workos', details: { userIds: ['ann'] } });
    await room.perform(updateRole, { roleId: role.id, memberIds: ['ann'] });
  });

  it('loses nothing of a role set that changes at the same time', async () => {
    const { room, role } = await roomWithRole();
    await room.add('ann');
    const { value: other } = await room.perform(createRole, { name: 'Other', grants: [] });
    await Promise.all([
      room.perform(updateRole, { roleId: role.id, memberIds: ['ann'] }),
      room.perform(updateRole, { roleId: other.id, memberIds: ['ann'] }),
    ]);
    expect((await getMember(test.db, room.id, 'ann')).roleIds).toEqual(
      [room.memberRoleId, role.id, other.id].sort(),
    );
    await room.perform(setMemberRoles, { userId: 'ann', roleIds: [role.id] });
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});

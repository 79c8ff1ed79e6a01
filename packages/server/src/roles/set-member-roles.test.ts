import { buildMember, createTestDatabase } from '@rolecall/testkit';
import { query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { brokenInvariants, intentsOf, tracesFrom } from '../../test/roles/traces.ts';
import { createRole, deleteRole, getMember, getOrganization, setMemberRoles } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const set = (room: Room, userId: string, ...roleIds: readonly string[]) =>
  room.perform(setMemberRoles, { userId, roleIds });

async function makeRole(room: Room, name: string): Promise<string> {
  return (await room.perform(createRole, { name, grants: [] })).value.id;
}

describe('setting the roles of a member', () => {
  it('replaces the whole set, and answers with what is stored', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    const role = await makeRole(room, 'Support');
    const { value } = await set(room, 'ann', role, room.adminRoleId);
    expect(value.roleIds).toEqual([role, room.adminRoleId].sort());
    expect(value).toEqual(await getMember(test.db, room.id, 'ann'));
  });

  it('takes a role that is named twice, and in upper case, once', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    const { value } = await set(room, 'ann', room.adminRoleId, room.adminRoleId.toUpperCase());
    expect(value.roleIds).toEqual([room.adminRoleId]);
  });

  it('says in the history what the set was and what it is', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    const { revision } = await set(room, 'ann', room.adminRoleId);
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ revision, what: { users: ['ann'] } }],
      audit: [
        {
          action: 'member.roles_changed',
          subject: 'user:ann',
          before: { role_ids: [room.memberRoleId] },
          after: { role_ids: [room.adminRoleId] },
        },
      ],
    });
  });

  it('leaves no trace but the revision when the set stays', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    await room.link();
    const { revision } = await set(room, 'ann', room.memberRoleId);
    expect(await tracesFrom(test.db, room.id, revision)).toEqual({
      changes: [{ revision, what: {} }],
      audit: [],
    });
    expect(await intentsOf(test.db, room.id)).toEqual([]);
  });

  it('refuses the empty set', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    await expect(set(room, 'ann')).rejects.toMatchObject({ code: 'roles_required' });
  });

  it('names the roles that are not there, deleted, or of another organization', async () => {
    const [room, other] = [await openRoom(test.db), await openRoom(test.db)];
    await room.add('ann');
    const gone = await makeRole(room, 'Gone');
    await room.perform(deleteRole, { roleId: gone });
    const foreign = await makeRole(other, 'Foreign');
    await expect(set(room, 'ann', 'x', gone, foreign, room.memberRoleId)).rejects.toMatchObject({
      code: 'role_not_found',
      details: { roleIds: ['x', gone, foreign].sort() },
    });
  });

  it('refuses a global role that is gone everywhere, before its row here is', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    const [role] = await query<{ readonly id: string }>(test.db, {
      text: `INSERT INTO rolecall.global_roles (slug, name, deleted_at) VALUES ('x', 'X', now()) RETURNING id`,
    });
    const id = role?.id ?? '';
    await query(test.db, {
      text: `INSERT INTO rolecall.roles (organization_id, id, kind) VALUES ($1, $2, 'global')`,
      values: [room.id, id],
    });
    await expect(set(room, 'ann', id)).rejects.toMatchObject({ code: 'role_not_found' });
  });

  it('does not find somebody who is no member, or was one', async () => {
    const room = await openRoom(test.db);
    const other = await openRoom(test.db);
    await other.add('foreign');
    for (const userId of ['nobody', 'foreign']) {
      await expect(set(room, userId, room.memberRoleId)).rejects.toMatchObject({
        code: 'member_not_found',
        details: { userIds: [userId] },
      });
    }
  });

  it.each(['pending', 'inactive'] as const)('works for a membership that is %s', async (status) => {
    const room = await openRoom(test.db);
    await buildMember(test.db, room.id, {
      userId: `u-${status}`,
      status,
      roleIds: [room.memberRoleId],
    });
    const { value } = await set(room, `u-${status}`, room.adminRoleId);
    expect(value).toMatchObject({ status, roleIds: [room.adminRoleId] });
  });

  it('refuses to change a set that a directory owns, but not to confirm it', async () => {
    const room = await openRoom(test.db);
    await buildMember(test.db, room.id, {
      userId: 'dir',
      directoryManaged: true,
      roleIds: [room.memberRoleId],
    });
    await expect(set(room, 'dir', room.adminRoleId)).rejects.toMatchObject({
      code: 'owned_by_workos',
    });
    expect((await set(room, 'dir', room.memberRoleId)).value.roleIds).toEqual([room.memberRoleId]);
  });

  it('keeps a pending revocation first in line when roles are added meanwhile', async () => {
    const room = await openRoom(test.db);
    const { membershipId } = await room.add('ann', {
      roleIds: [room.memberRoleId, room.adminRoleId],
    });
    const role = await makeRole(room, 'Support');
    await room.link();
    await set(room, 'ann', room.memberRoleId);
    await set(room, 'ann', room.memberRoleId, role);
    const intent = { kind: 'membership_roles', subject_id: membershipId };
    expect(await intentsOf(test.db, room.id)).toEqual([
      { ...intent, priority: 0, local_version: 2 },
    ]);
    await query(test.db, {
      text: 'UPDATE rolecall.sync_entities SET pushed_version = local_version WHERE organization_id = $1',
      values: [room.id],
    });
    await set(room, 'ann', room.memberRoleId, role, room.adminRoleId);
    expect(await intentsOf(test.db, room.id)).toEqual([
      { ...intent, priority: 2, local_version: 3 },
    ]);
  });
});

describe('the last admin', () => {
  it('cannot be demoted', async () => {
    const room = await openRoom(test.db);
    await expect(set(room, room.admin.userId ?? '', room.memberRoleId)).rejects.toMatchObject({
      code: 'last_admin',
      details: { userIds: [room.admin.userId] },
    });
  });

  it.each([
    ['inactive', `UPDATE rolecall.memberships SET status = 'inactive' WHERE user_id = $1`],
    ['pending', `UPDATE rolecall.memberships SET status = 'pending' WHERE user_id = $1`],
    ['of a deleted user', `UPDATE rolecall.users SET deleted_at = now() WHERE id = $1`],
  ])('is not saved by another admin who is %s', async (_, text) => {
    const room = await openRoom(test.db);
    const other = `second-of-${room.id}`;
    await room.add(other, { roleIds: [room.adminRoleId] });
    await query(test.db, { text, values: [other] });
    await expect(set(room, room.admin.userId ?? '', room.memberRoleId)).rejects.toMatchObject({
      code: 'last_admin',
    });
    await set(room, other, room.memberRoleId);
  });

  it('may keep admin and lose other roles', async () => {
    const room = await openRoom(test.db);
    const userId = room.admin.userId ?? '';
    const role = await makeRole(room, 'Support');
    await set(room, userId, room.adminRoleId, role);
    expect((await set(room, userId, room.adminRoleId)).value.roleIds).toEqual([room.adminRoleId]);
  });

  it('is demoted once there is another', async () => {
    const room = await openRoom(test.db);
    await room.add('next', { roleIds: [room.adminRoleId] });
    await set(room, room.admin.userId ?? '', room.memberRoleId);
    await expect(set(room, 'next', room.memberRoleId)).rejects.toMatchObject({
      code: 'last_admin',
    });
  });

  it('lifts the flag of an organization that WorkOS has left without one', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    const flag = { text: 'UPDATE rolecall.organization_state SET no_admin = true' };
    await query(test.db, flag);
    await set(room, 'ann', room.adminRoleId);
    expect((await getOrganization(test.db, room.id)).noAdmin).toBe(false);
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});

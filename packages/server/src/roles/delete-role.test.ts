import { buildMember, createTestDatabase } from '@rolecall/testkit';
import { query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { brokenInvariants, intentsOf, tracesFrom } from '../../test/roles/traces.ts';
import { createRole, deleteRole, getMember, getRole, listRoles, type Role } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

async function roomWithRole(): Promise<{ readonly room: Room; readonly role: Role }> {
  const room = await openRoom(test.db);
  const grants = [{ scope: 'project:read' }];
  const { value: role } = await room.perform(createRole, { name: 'Support', grants });
  return { room, role };
}

describe('deleting a role', () => {
  it('removes it with its grants, and answers with what it was', async () => {
    const { room, role } = await roomWithRole();
    const { value } = await room.perform(deleteRole, { roleId: role.id });
    expect(value).toEqual(role);
    await expect(getRole(test.db, room.id, role.id)).rejects.toMatchObject({
      code: 'role_not_found',
    });
    const grants = await query(test.db, {
      text: 'SELECT FROM rolecall.grants WHERE organization_id = $1 AND role_id = $2',
      values: [room.id, role.id],
    });
    expect(grants).toEqual([]);
    expect((await listRoles(test.db, room.id, {})).total).toBe(2);
  });

  it('takes it from everybody, in whatever status, and gives `member` to who is left without', async () => {
    const { room, role } = await roomWithRole();
    await room.add('ann', { roleIds: [role.id] });
    await room.add('bob', { roleIds: [role.id, room.adminRoleId] });
    await buildMember(test.db, room.id, { userId: 'cem', status: 'inactive', roleIds: [role.id] });
    const pending = await buildMember(test.db, room.id, { userId: null, roleIds: [role.id] });
    const { revision } = await room.perform(deleteRole, { roleId: role.id });
    const rolesOf = async (id: string) => (await getMember(test.db, room.id, id)).roleIds;
    expect(await rolesOf('ann')).toEqual([room.memberRoleId]);
    expect(await rolesOf('bob')).toEqual([room.adminRoleId]);
    expect(await rolesOf('cem')).toEqual([room.memberRoleId]);
    const { audit, changes } = await tracesFrom(test.db, room.id, revision);
    const what = changes[0]?.what as { readonly roles: string[]; readonly users: string[] };
    expect(changes).toHaveLength(1);
    expect([what.roles, what.users.sort()]).toEqual([[role.id], ['ann', 'bob', 'cem']]);
    expect(audit.map((event) => event.subject).sort()).toEqual(
      [
        role.principal,
        'user:ann',
        'user:bob',
        'user:cem',
        `membership:${pending.membershipId}`,
      ].sort(),
    );
    expect(await brokenInvariants(test.db)).toEqual([]);
  });

  it('frees the slug at once in an organization that is not linked', async () => {
    const { room, role } = await roomWithRole();
    await room.perform(deleteRole, { roleId: role.id });
    const { value } = await room.perform(createRole, { name: 'Support', grants: [] });
    expect([value.slug, value.id === role.id]).toEqual(['org-support', false]);
  });

  it('brings no assignment back when a role of the same name is made again', async () => {
    const { room, role } = await roomWithRole();
    await room.add('ann', { roleIds: [role.id] });
    await room.perform(deleteRole, { roleId: role.id });
    const { value } = await room.perform(createRole, { name: 'Support', grants: [] });
    expect(value.memberCount).toBe(0);
    expect((await getMember(test.db, room.id, 'ann')).roleIds).toEqual([room.memberRoleId]);
  });

  it('tells WorkOS first of the revocations and last of the role', async () => {
    const { room, role } = await roomWithRole();
    const ann = await room.add('ann', { roleIds: [role.id] });
    await room.link();
    await room.perform(deleteRole, { roleId: role.id });
    expect(await intentsOf(test.db, room.id)).toEqual([
      { kind: 'membership_roles', subject_id: ann.membershipId, priority: 0, local_version: 1 },
      { kind: 'organization_role', subject_id: role.id, priority: 3, local_version: 1 },
    ]);
  });

  it('waits with the deletion even when the role itself was not sent yet', async () => {
    const room = await openRoom(test.db);
    await room.link();
    const { value: role } = await room.perform(createRole, { name: 'Support', grants: [] });
    await room.perform(deleteRole, { roleId: role.id });
    expect(await intentsOf(test.db, room.id)).toEqual([
      { kind: 'organization_role', subject_id: role.id, priority: 3, local_version: 2 },
    ]);
  });

  it('refuses a system role', async () => {
    const room = await openRoom(test.db);
    for (const roleId of [room.adminRoleId, room.memberRoleId]) {
      await expect(room.perform(deleteRole, { roleId })).rejects.toMatchObject({
        code: 'system_role',
      });
    }
  });

  it('refuses an older version', async () => {
    const { room, role } = await roomWithRole();
    await expect(room.perform(deleteRole, { roleId: role.id, ifMatch: 2 })).rejects.toMatchObject({
      code: 'version_mismatch',
      details: { currentVersion: 1 },
    });
  });

  it('does not find a role that is deleted', async () => {
    const { room, role } = await roomWithRole();
    await room.perform(deleteRole, { roleId: role.id });
    await expect(room.perform(deleteRole, { roleId: role.id })).rejects.toMatchObject({
      code: 'role_not_found',
    });
  });
});

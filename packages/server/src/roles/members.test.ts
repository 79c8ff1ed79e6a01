import { createTestDatabase } from '@rolecall/testkit';
import { query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { brokenInvariants, tracesFrom } from '../../test/roles/traces.ts';
import {
  addMember,
  createGrants,
  getMember,
  listGrants,
  removeMember,
  setMemberRoles,
} from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const profileOf = async (userId: string) => {
  const [row] = await query(test.db, {
    text: 'SELECT email, name FROM rolecall.users WHERE id = $1',
    values: [userId],
  });
  return row;
};

describe('adding a member', () => {
  it('makes an active membership that holds `member`, and answers with what is stored', async () => {
    const room = await openRoom(test.db);
    const { value, revision } = await room.perform(addMember, {
      id: 'ann',
      email: ' Ann@Example.com ',
      name: ' Ann  Lee ',
    });
    expect(value).toMatchObject({
      userId: 'ann',
      email: 'Ann@Example.com',
      name: 'Ann  Lee',
      status: 'active',
      roleIds: [room.memberRoleId],
      photoUrl: null,
    });
    expect(value).toEqual(await getMember(test.db, room.id, 'ann'));
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ what: { users: ['ann'] } }],
      audit: [{ action: 'member.added', subject: 'user:ann', after: { role_ids: value.roleIds } }],
    });
  });

  it('makes an id where none is given', async () => {
    const room = await openRoom(test.db);
    const { value } = await room.perform(addMember, { email: 'new@example.com' });
    expect(value.userId).toMatch(/^user_[0-9A-Za-z]{22}$/);
  });

  it('gives the roles that are named', async () => {
    const room = await openRoom(test.db);
    const roleIds = [room.adminRoleId, room.adminRoleId];
    const { value } = await room.perform(addMember, { email: 'a@example.com', roleIds });
    expect(value.roleIds).toEqual([room.adminRoleId]);
  });

  it('refuses an empty set of roles, and roles that are not there', async () => {
    const room = await openRoom(test.db);
    const add = (...roleIds: string[]) =>
      room.perform(addMember, { email: 'a@example.com', roleIds });
    await expect(add()).rejects.toMatchObject({ code: 'roles_required' });
    await expect(add('x')).rejects.toMatchObject({ code: 'role_not_found' });
  });

  it('refuses a user who is a member already, and names them', async () => {
    const room = await openRoom(test.db);
    await room.add('ann2');
    await expect(
      room.perform(addMember, { id: 'ann2', email: 'other@example.com' }),
    ).rejects.toMatchObject({ code: 'member_exists', details: { userId: 'ann2' } });
  });

  it('does not link by e-mail: without an id it makes a new user, whoever has the address elsewhere', async () => {
    const [one, two] = [await openRoom(test.db), await openRoom(test.db)];
    await one.add('original', { email: 'shared@example.com' });
    const { value } = await two.perform(addMember, { email: 'shared@example.com' });
    expect(value.userId).not.toBe('original');
  });

  it('refuses an address that a member of the organization has, where no id says that it is another person', async () => {
    const room = await openRoom(test.db);
    await room.add('first', { email: 'same@example.com' });
    await expect(room.perform(addMember, { email: 'SAME@example.com' })).rejects.toMatchObject({
      code: 'member_exists',
      details: { userId: 'first' },
    });
    await room.perform(addMember, { id: 'second', email: 'same@example.com' });
  });

  it('keeps the profile that a user has in other organizations', async () => {
    const [one, two] = [await openRoom(test.db), await openRoom(test.db)];
    await one.add('pat', { email: 'pat@one.example', name: 'Pat One' });
    const { value } = await two.perform(addMember, {
      id: 'pat',
      email: 'pat@two.example',
      name: 'Pat Two',
    });
    expect(value).toMatchObject({ email: 'pat@two.example', name: 'Pat Two' });
    expect(await getMember(test.db, one.id, 'pat')).toMatchObject({ name: 'Pat One' });
    expect(await profileOf('pat')).toEqual({ email: 'pat@one.example', name: 'Pat One' });
  });

  it('refuses a user who has been deleted', async () => {
    const room = await openRoom(test.db);
    await query(test.db, {
      text: `INSERT INTO rolecall.users (id, deleted_at) VALUES ('deleted', now())`,
    });
    await expect(
      room.perform(addMember, { id: 'deleted', email: 'd@example.com' }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('is for WorkOS in a linked organization', async () => {
    const room = await openRoom(test.db);
    await room.link();
    await expect(room.perform(addMember, { email: 'a@example.com' })).rejects.toMatchObject({
      code: 'owned_by_workos',
    });
  });

  it.each([
    ['an id with a space', { id: 'a b', email: 'a@example.com' }],
    ['the wildcard', { id: '*', email: 'a@example.com' }],
    ['no e-mail address', { email: 'nobody' }],
    ['a name that shows nothing', { email: 'a@example.com', name: '\u200b' }],
    ['a name that is too long', { email: 'a@example.com', name: 'x'.repeat(256) }],
  ])('refuses %s', async (_, args) => {
    const room = await openRoom(test.db);
    await expect(room.perform(addMember, args)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('lets two at once add one person once', async () => {
    const room = await openRoom(test.db);
    const both = await Promise.allSettled([room.add('same-time'), room.add('same-time')]);
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('lets two organizations add the same new user at once', async () => {
    const [one, two] = [await openRoom(test.db), await openRoom(test.db)];
    await Promise.all([one.add('both'), two.add('both')]);
    expect((await getMember(test.db, one.id, 'both')).userId).toBe('both');
    expect((await getMember(test.db, two.id, 'both')).userId).toBe('both');
  });
});

describe('removing a member', () => {
  const remove = (room: Room, userId: string) => room.perform(removeMember, { userId });

  it('closes assignments and direct grants, leaves a tombstone, and answers with who it was', async () => {
    const room = await openRoom(test.db);
    const ann = await room.add('ann3');
    await room.perform(createGrants, {
      principal: 'user:ann3',
      grants: [{ scope: 'project:read' }],
    });
    const { value, revision } = await remove(room, 'ann3');
    expect(value).toEqual(ann);
    await expect(getMember(test.db, room.id, 'ann3')).rejects.toMatchObject({
      code: 'member_not_found',
    });
    const [left] = await query(test.db, {
      text: `SELECT m.deleted_at IS NOT NULL AS buried,
          (SELECT count(*) FROM rolecall.assignments a WHERE a.membership_id = m.id) AS assignments,
          (SELECT count(*) FROM rolecall.grants g WHERE g.membership_id = m.id) AS grants
        FROM rolecall.memberships m WHERE m.id = $1`,
      values: [ann.membershipId],
    });
    expect(left).toEqual({ buried: true, assignments: 0, grants: 0 });
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ what: { users: ['ann3'] } }],
      audit: [
        {
          action: 'member.removed',
          subject: 'user:ann3',
          before: { member: { role_ids: ann.roleIds }, grants: [{ scope: 'project:read' }] },
          after: null,
        },
      ],
    });
  });

  it('gives a former member who is added again a new life, without anything of the old one', async () => {
    const room = await openRoom(test.db);
    const first = await room.add('ann4', { roleIds: [room.adminRoleId] });
    await room.perform(createGrants, {
      principal: 'user:ann4',
      grants: [{ scope: 'project:read' }],
    });
    await remove(room, 'ann4');
    const second = await room.add('ann4');
    expect(second.membershipId).not.toBe(first.membershipId);
    expect(second.roleIds).toEqual([room.memberRoleId]);
    expect((await listGrants(test.db, room.id, { principal: 'user:ann4' })).data).toEqual([]);
    const rows = await query(test.db, {
      text: 'SELECT FROM rolecall.memberships WHERE organization_id = $1 AND user_id = $2',
      values: [room.id, 'ann4'],
    });
    expect(rows).toHaveLength(2);
  });

  it('refuses the last admin', async () => {
    const room = await openRoom(test.db);
    await expect(remove(room, room.admin.userId ?? '')).rejects.toMatchObject({
      code: 'last_admin',
    });
  });

  it('refuses the last usable admin beside another who is not active', async () => {
    const room = await openRoom(test.db);
    await room.add('asleep', { roleIds: [room.adminRoleId] });
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET status = 'inactive' WHERE organization_id = $1 AND user_id = 'asleep'`,
      values: [room.id],
    });
    await expect(remove(room, room.admin.userId ?? '')).rejects.toMatchObject({
      code: 'last_admin',
    });
    await remove(room, 'asleep');
  });

  it('is for WorkOS in a linked organization', async () => {
    const room = await openRoom(test.db);
    await room.add('ann5');
    await room.link();
    await expect(remove(room, 'ann5')).rejects.toMatchObject({ code: 'owned_by_workos' });
  });

  it('does not find somebody who is no member', async () => {
    const room = await openRoom(test.db);
    await expect(remove(room, 'nobody')).rejects.toMatchObject({ code: 'member_not_found' });
    await room.add('once');
    await remove(room, 'once');
    await expect(remove(room, 'once')).rejects.toMatchObject({ code: 'member_not_found' });
    await expect(
      room.perform(setMemberRoles, { userId: 'once', roleIds: [room.memberRoleId] }),
    ).rejects.toMatchObject({ code: 'member_not_found' });
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});

import { createTestDatabase } from '@rolecall/testkit';
import { query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, perform, type Room } from '../../test/roles/room.ts';
import { brokenInvariants, intentsOf, tracesFrom } from '../../test/roles/traces.ts';
import { createRole, deleteRole, getMember, getRole } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const reader = {
  scope: 'project:read',
  selectors: [{ resource_kind: 'project', resource_id: 'p1' }],
};

async function roomWithDirectoryManaged(): Promise<Room> {
  const room = await openRoom(test.db);
  await room.add('managed');
  await query(test.db, {
    text: `UPDATE rolecall.memberships SET directory_managed = true
      WHERE organization_id = $1 AND user_id = 'managed'`,
    values: [room.id],
  });
  return room;
}

describe('creating a role', () => {
  it('answers with what is stored', async () => {
    const room = await openRoom(test.db);
    const { value, revision } = await room.perform(createRole, {
      name: ' Support ',
      description: ' Answers\nquestions ',
      grants: [reader, { scope: 'org:read' }],
    });
    expect(value).toEqual(await getRole(test.db, room.id, value.id));
    expect(value).toMatchObject({
      kind: 'organization',
      principal: `role:organization:${value.id}`,
      slug: 'org-support',
      name: 'Support',
      description: 'Answers\nquestions',
      grants: [
        { ...reader, effect: 'allow' },
        { scope: 'org:read', effect: 'allow' },
      ],
      memberCount: 0,
      version: 1,
    });
    expect(revision).toBe(3);
  });

  it('gives it to the members named, beside what they hold', async () => {
    const room = await openRoom(test.db);
    const zoe = await room.add('zoe');
    const { value } = await room.perform(createRole, {
      name: 'Support',
      grants: [],
      memberIds: ['zoe', 'zoe'],
    });
    expect(value.memberCount).toBe(1);
    expect((await getMember(test.db, room.id, 'zoe')).roleIds).toEqual(
      [...zoe.roleIds, value.id].sort(),
    );
  });

  it('names in its change record the role and the users, and in the history both', async () => {
    const room = await openRoom(test.db);
    await room.add('zoe');
    const { value, revision } = await room.perform(createRole, {
      name: 'Support',
      grants: [],
      memberIds: ['zoe'],
    });
    const { changes, audit } = await tracesFrom(test.db, room.id, revision);
    expect(changes).toEqual([{ revision, what: { roles: [value.id], users: ['zoe'] } }]);
    expect(audit.map(({ action, subject }) => [action, subject])).toEqual([
      ['role.created', value.principal],
      ['member.roles_changed', 'user:zoe'],
    ]);
    expect(audit[0]?.after).toMatchObject({ name: 'Support', member_count: 1, version: 1 });
    expect(audit[1]).toMatchObject({
      before: { role_ids: [room.memberRoleId] },
      after: { role_ids: [room.memberRoleId, value.id].sort() },
    });
  });

  it('notes in a linked organization what is to be made in WorkOS, roles first', async () => {
    const room = await openRoom(test.db);
    const zoe = await room.add('zoe');
    await room.link();
    const { value } = await room.perform(createRole, {
      name: 'Support',
      grants: [],
      memberIds: ['zoe'],
    });
    expect(await intentsOf(test.db, room.id)).toEqual([
      { kind: 'membership_roles', subject_id: zoe.membershipId, priority: 2, local_version: 1 },
      { kind: 'organization_role', subject_id: value.id, priority: 1, local_version: 1 },
    ]);
  });

  it('notes nothing in an organization that is not linked', async () => {
    const room = await openRoom(test.db);
    await room.perform(createRole, { name: 'Support', grants: [] });
    expect(await intentsOf(test.db, room.id)).toEqual([]);
  });

  it.each(['support', 'SUPPORT', ' Support', 'Admin', 'mEMBER'])(
    'refuses the name `%s` beside `Support`, `Admin` and `Member`',
    async (name) => {
      const room = await openRoom(test.db);
      await room.perform(createRole, { name: 'Support', grants: [] });
      await expect(room.perform(createRole, { name, grants: [] })).rejects.toMatchObject({
        code: 'role_name_taken',
        species: 'refusal',
      });
    },
  );

  it('takes the name of a deleted role, with a new id and while the slug is held another slug', async () => {
    const room = await openRoom(test.db);
    await room.link();
    const { value: old } = await room.perform(createRole, { name: 'Support', grants: [] });
    await room.perform(deleteRole, { roleId: old.id });
    const { value } = await room.perform(createRole, { name: 'Support', grants: [] });
    expect(value.id).not.toBe(old.id);
    expect([old.slug, value.slug]).toEqual(['org-support', 'org-support-2']);
  });

  it('gives different names that yield the same slug different slugs', async () => {
    const room = await openRoom(test.db);
    const slugs = [];
    for (const name of ['A b', 'A-b', 'A_b']) {
      slugs.push((await room.perform(createRole, { name, grants: [] })).value.slug);
    }
    expect(slugs).toEqual(['org-a-b', 'org-a-b-2', 'org-a-b-3']);
  });

  it('lets organizations use the same names and slugs', async () => {
    const [one, two] = [await openRoom(test.db), await openRoom(test.db)];
    const made = [
      await one.perform(createRole, { name: 'Support', grants: [] }),
      await two.perform(createRole, { name: 'Support', grants: [] }),
    ];
    expect(made.map(({ value }) => value.slug)).toEqual(['org-support', 'org-support']);
  });

  it('stores what is said twice once, and nothing for an empty list of selectors', async () => {
    const room = await openRoom(test.db);
    const { value } = await room.perform(createRole, {
      name: 'Support',
      grants: [reader, reader, { scope: 'org:read', selectors: [] }],
    });
    expect(value.grants).toEqual([{ ...reader, effect: 'allow' }]);
  });

  it('reports every grant that is wrong at its place, and makes nothing', async () => {
    const room = await openRoom(test.db);
    const grants = [
      { scope: 'project:fly' },
      { scope: 'org:read', effect: 'deny' as const },
      { scope: 'project:read', selectors: [{ resource_kind: 'project' }] },
    ];
    await expect(room.perform(createRole, { name: 'Support', grants })).rejects.toMatchObject({
      code: 'invalid_grant',
      details: {
        problems: [
          { path: 'grants[0].scope' },
          { path: 'grants[1].effect' },
          { path: 'grants[2].selectors[0].resource_id' },
        ],
      },
    });
    expect((await tracesFrom(test.db, room.id, 3)).changes).toEqual([]);
  });

  it.each(['a b', 'x'.repeat(256), 'é'.repeat(200), 'a\u0000b'])(
    'refuses the resource id `%s`, which no table can hold',
    async (resourceId) => {
      const room = await openRoom(test.db);
      const selectors = [{ resource_kind: 'project', resource_id: resourceId }];
      await expect(
        room.perform(createRole, { name: 'A', grants: [{ scope: 'project:read', selectors }] }),
      ).rejects.toMatchObject({ code: 'invalid_selector' });
    },
  );

  it('refuses more selectors than a role may have, naming the limit', async () => {
    const room = await openRoom(test.db);
    const selectors = Array.from({ length: 10_001 }, (_, index) => ({
      resource_kind: 'project',
      resource_id: `p${index}`,
    }));
    const grants = [{ scope: 'project:read', selectors }];
    await expect(room.perform(createRole, { name: 'A', grants })).rejects.toMatchObject({
      code: 'limit_exceeded',
    });
    const { value } = await room.perform(createRole, {
      name: 'A',
      grants: [{ scope: 'project:read', selectors: selectors.slice(1) }],
    });
    expect(value.grants[0]?.selectors).toHaveLength(10_000);
  });

  it.each([
    ['an empty name', { name: '' }],
    ['a name that shows nothing', { name: '\u200b' }],
    ['a name of 49 characters', { name: 'x'.repeat(49) }],
    ['a name of two lines', { name: 'a\nb' }],
    ['a description of 151 characters', { name: 'A', description: '🌳'.repeat(151) }],
    ['a description with NUL', { name: 'A', description: 'a\0b' }],
  ])('refuses %s', async (_, fields) => {
    const room = await openRoom(test.db);
    await expect(room.perform(createRole, { grants: [], ...fields })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('takes 48 characters of any script', async () => {
    const room = await openRoom(test.db);
    for (const name of ['🌳'.repeat(48), 'ж'.repeat(48), '客'.repeat(48), 'م'.repeat(48)]) {
      expect((await room.perform(createRole, { name, grants: [] })).value.name).toBe(name);
    }
  });

  it('names the members that are none', async () => {
    const room = await openRoom(test.db);
    const memberIds = ['nobody', room.admin.userId ?? '', 'no one'];
    await expect(
      room.perform(createRole, { name: 'A', grants: [], memberIds }),
    ).rejects.toMatchObject({
      code: 'member_not_found',
      details: { userIds: ['nobody', 'no one'] },
    });
  });

  it('refuses to give it to somebody whose roles a directory owns', async () => {
    const room = await roomWithDirectoryManaged();
    await expect(
      room.perform(createRole, { name: 'A', grants: [], memberIds: ['managed'] }),
    ).rejects.toMatchObject({ code: 'owned_by_workos' });
  });

  it('refuses an organization that is not there', async () => {
    await expect(
      perform(test.db, 'nowhere', createRole, { name: 'A', grants: [] }),
    ).rejects.toMatchObject({ code: 'organization_not_found' });
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});

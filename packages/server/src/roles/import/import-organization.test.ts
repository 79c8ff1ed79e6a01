import { query } from '@rolecall/server/database';
import { buildMember, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, perform, type Room } from '../../../test/roles/room.ts';
import { brokenInvariants, intentsOf, tracesFrom } from '../../../test/roles/traces.ts';
import {
  createRole,
  deleteRole,
  getMember,
  getOrganization,
  getRole,
  listMembers,
  listRoles,
  removeMember,
  type Role,
  setMemberRoles,
  updateRole,
} from '../index.ts';
import { type ImportDocument, importOrganization } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const on = (...ids: readonly string[]) =>
  ids.map((id) => ({ resource_kind: 'project', resource_id: id }));
const read = (...ids: readonly string[]) => ({ scope: 'project:read', selectors: on(...ids) });

const document = {
  roles: [
    { key: 'dev', name: 'Developers', description: 'Build', grants: [read('p1', 'p2')] },
    { key: 'ops', name: 'Operators', grants: [{ scope: 'project:write' }] },
  ],
  members: [
    { id: 'ann', email: 'ann@example.com', name: 'Ann', roles: ['dev', 'ops'] },
    { id: 'bob', email: 'bob@example.com', roles: ['admin'] },
    { id: 'cem', email: 'cem@example.com', name: null, roles: [] },
  ],
} satisfies ImportDocument;

const load = (room: Room, what: ImportDocument) => room.perform(importOrganization, what);
const nothing = {
  rolesCreated: 0,
  rolesUpdated: 0,
  grantsCreated: 0,
  membersCreated: 0,
  membersUpdated: 0,
  assignmentsCreated: 0,
};

async function roleNamed(room: Room, name: string): Promise<Role> {
  const { data } = await listRoles(test.db, room.id, { search: name });
  const role = data.find((one) => one.name === name);
  if (role === undefined) throw new Error(`no role ${name}`);
  return role;
}

async function problemsOf(room: Room, what: ImportDocument): Promise<readonly string[]> {
  const before = await tracesFrom(test.db, room.id, 0);
  const error: unknown = await load(room, what).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'import_invalid', species: 'refusal' });
  expect(await tracesFrom(test.db, room.id, 0)).toEqual(before);
  const { details } = error as { details: { problems: { path: string; message: string }[] } };
  return details.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('importing an organization', () => {
  it('makes roles, members and assignments, in one revision', async () => {
    const room = await openRoom(test.db);
    const { value, revision } = await load(room, document);
    expect(value).toEqual({
      ...nothing,
      rolesCreated: 2,
      grantsCreated: 3,
      membersCreated: 3,
      assignmentsCreated: 4,
    });
    expect(revision).toBe(3);
    const [dev, ops] = [await roleNamed(room, 'Developers'), await roleNamed(room, 'Operators')];
    expect(dev).toMatchObject({
      slug: 'org-developers',
      description: 'Build',
      grants: [{ ...read('p1', 'p2'), effect: 'allow' }],
      memberCount: 1,
    });
    expect(await getMember(test.db, room.id, 'ann')).toMatchObject({
      name: 'Ann',
      email: 'ann@example.com',
      status: 'active',
      roleIds: [dev.id, ops.id].sort(),
    });
    expect((await getMember(test.db, room.id, 'bob')).roleIds).toEqual([room.adminRoleId]);
    expect((await getMember(test.db, room.id, 'cem')).roleIds).toEqual([room.memberRoleId]);
  });

  it('changes nothing the second time, and says so', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    await load(room, document);
    const before = await listRoles(test.db, room.id, {});
    const { value, revision } = await load(room, document);
    expect(value).toEqual(nothing);
    expect(await listRoles(test.db, room.id, {})).toEqual(before);
    expect(await tracesFrom(test.db, room.id, revision)).toEqual({
      changes: [{ revision, what: {} }],
      audit: [],
    });
  });

  it('removes nothing: roles keep other grants and members other roles', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    const dev = await roleNamed(room, 'Developers');
    await room.perform(updateRole, { roleId: dev.id, grants: [read('p1', 'p9')] });
    await room.perform(setMemberRoles, { userId: 'ann', roleIds: [room.memberRoleId] });
    const { value } = await load(room, document);
    expect(value).toEqual({
      ...nothing,
      rolesUpdated: 1,
      grantsCreated: 1,
      membersUpdated: 1,
      assignmentsCreated: 2,
    });
    expect((await getRole(test.db, room.id, dev.id)).grants[0]?.selectors).toEqual(
      on('p1', 'p9', 'p2'),
    );
    expect((await getMember(test.db, room.id, 'ann')).roleIds).toContain(room.memberRoleId);
  });

  it('replaces the name, description and profile that the document gives, by key and id', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    const before = await roleNamed(room, 'Developers');
    const { value } = await load(room, {
      roles: [{ key: 'dev', name: 'Builders', grants: [] }],
      members: [{ id: 'ann', email: 'new@example.com', roles: [] }],
    });
    expect(value).toEqual({ ...nothing, rolesUpdated: 1, membersUpdated: 1 });
    expect(await getRole(test.db, room.id, before.id)).toMatchObject({
      name: 'Builders',
      description: 'Build',
      slug: before.slug,
      version: before.version + 1,
    });
    expect(await getMember(test.db, room.id, 'ann')).toMatchObject({
      email: 'new@example.com',
      name: 'Ann',
    });
  });

  it('lets roles swap their names', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    const [dev, ops] = [await roleNamed(room, 'Developers'), await roleNamed(room, 'Operators')];
    await load(room, {
      roles: [
        { key: 'dev', name: 'Operators', grants: [] },
        { key: 'ops', name: 'developers', grants: [] },
      ],
    });
    expect((await getRole(test.db, room.id, dev.id)).name).toBe('Operators');
    expect((await getRole(test.db, room.id, ops.id)).name).toBe('developers');
  });

  it('knows the roles of an earlier document', async () => {
    const room = await openRoom(test.db);
    await load(room, { roles: document.roles });
    await load(room, { members: document.members });
    expect((await roleNamed(room, 'Developers')).memberCount).toBe(1);
  });

  it('makes a deleted role anew, with another id', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    const { id } = await roleNamed(room, 'Developers');
    await room.perform(deleteRole, { roleId: id });
    const { value } = await load(room, document);
    expect(value).toMatchObject({ rolesCreated: 1, assignmentsCreated: 1 });
    expect((await roleNamed(room, 'Developers')).id).not.toBe(id);
  });

  it('gives former members a new life', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    await room.perform(removeMember, { userId: 'bob' });
    expect((await load(room, document)).value).toMatchObject({ membersCreated: 1 });
    expect((await getMember(test.db, room.id, 'bob')).roleIds).toEqual([room.adminRoleId]);
  });

  it('leaves the profile that a user has elsewhere, and the name of the organization', async () => {
    const [one, two] = [await openRoom(test.db, { name: 'One' }), await openRoom(test.db)];
    await load(one, { ...document, organization: { id: one.id, name: 'Renamed' } });
    await load(two, { members: [{ id: 'ann', email: 'else@example.com', roles: [] }] });
    expect((await getMember(test.db, one.id, 'ann')).email).toBe('ann@example.com');
    expect((await getOrganization(test.db, one.id)).name).toBe('One');
  });

  it('says in the history what it did, to whom', async () => {
    const room = await openRoom(test.db);
    const { revision } = await load(room, document);
    await load(room, {
      roles: [{ key: 'dev', name: 'Builders', grants: [read('p3')] }],
      members: [{ id: 'ann', email: 'new@example.com', roles: ['admin'] }],
    });
    const { audit, changes } = await tracesFrom(test.db, room.id, revision);
    const dev = await roleNamed(room, 'Builders');
    expect(audit.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      `organization.imported organization:${room.id}`,
      `role.created ${dev.principal}`,
      expect.stringContaining('role.created role:organization:'),
      'member.added user:ann',
      'member.added user:bob',
      'member.added user:cem',
      `organization.imported organization:${room.id}`,
      `role.updated ${dev.principal}`,
      'member.updated user:ann',
      'member.roles_changed user:ann',
    ]);
    expect(changes[1]?.what).toEqual({ roles: [dev.id], users: ['ann'] });
  });

  it('says that everything may have changed when it is more than can be named', async () => {
    const room = await openRoom(test.db);
    const members = Array.from({ length: 1_001 }, (_, index) => ({
      id: `${room.id}-${index}`,
      email: `${index}@example.com`,
      roles: [],
    }));
    const { revision } = await load(room, { members });
    expect((await tracesFrom(test.db, room.id, revision)).changes).toEqual([
      { revision, what: { organization: true } },
    ]);
    expect((await listMembers(test.db, room.id, {})).total).toBe(1_002);
  });

  it('takes an empty document', async () => {
    const room = await openRoom(test.db);
    expect((await load(room, {})).value).toEqual(nothing);
  });
});

describe('importing into a linked organization', () => {
  it('changes roles of members who are there, tells WorkOS, and leaves their profiles', async () => {
    const room = await openRoom(test.db);
    const ann = await room.add('ann');
    await room.link();
    const members = [{ id: 'ann', email: 'new@example.com', roles: ['dev'] }];
    const { value } = await load(room, { roles: document.roles, members });
    expect(value).toMatchObject({ rolesCreated: 2, membersUpdated: 1, assignmentsCreated: 1 });
    expect((await getMember(test.db, room.id, 'ann')).email).toBe('ann@example.com');
    expect(
      (await intentsOf(test.db, room.id)).map(({ kind, priority }) => [kind, priority]),
    ).toEqual([
      ['membership_roles', 2],
      ['organization_role', 1],
      ['organization_role', 1],
    ]);
    expect((await intentsOf(test.db, room.id))[0]?.subject_id).toBe(ann.membershipId);
  });

  it('refuses members who are not there, and roles that a directory owns', async () => {
    const room = await openRoom(test.db);
    await room.link();
    await buildMember(test.db, room.id, {
      userId: 'managed',
      directoryManaged: true,
      roleIds: [room.memberRoleId],
    });
    const members = [
      { id: 'nobody', email: 'n@example.com', roles: [] },
      { id: 'managed', email: 'm@example.com', roles: ['member'] },
    ];
    expect(await problemsOf(room, { members })).toEqual([
      'members[0].id: is no member, and members of a linked organization are added in WorkOS',
    ]);
    expect(
      await problemsOf(room, {
        members: [{ id: 'managed', email: 'm@example.com', roles: ['admin'] }],
      }),
    ).toEqual(['members[0].roles: a directory owns the roles of this member']);
  });
});

describe('a document that is not valid', () => {
  it('is refused with every problem at its place, and nothing is written', async () => {
    const room = await openRoom(test.db);
    await room.perform(createRole, { name: 'Taken', grants: [] });
    await query(test.db, {
      text: `INSERT INTO rolecall.users (id, deleted_at) VALUES ('deleted', now()) ON CONFLICT DO NOTHING`,
    });
    const problems = await problemsOf(room, {
      organization: { id: 'other' },
      roles: [
        { key: 'a', name: 'Taken', grants: [{ scope: 'project:fly' }] },
        { key: 'a', name: 'MEMBER', grants: [{ scope: 'org:read', effect: 'deny' }] },
        { key: 'admin', name: 'x'.repeat(49), description: 'x'.repeat(151), grants: [] },
        { key: 'b c', name: ' ', grants: [read('ok', 'not ok')] },
        { key: 'd', name: 'Same', grants: [] },
        {
          key: 'e',
          name: 'sAME',
          grants: [
            { scope: 'project:read', selectors: [{ resource_kind: 'mcp', resource_id: 'x' }] },
          ],
        },
      ],
      members: [
        { id: 'ann', email: 'ann@example.com', roles: ['d', 'nowhere', 'member', 'no where'] },
        { id: 'ann', email: 'nobody', name: '\u200b', roles: [] },
        { id: '*', email: 'a@example.com', roles: [] },
        { id: 'deleted', email: 'a@example.com', roles: [] },
      ],
    });
    expect([...problems].sort()).toEqual(
      [
        `organization.id: the document is of \`other\`, not of \`${room.id}\``,
        'roles[0].grants[0].scope: unknown scope `project:fly`',
        'roles[0].name: another role is called `Taken`',
        'roles[1].grants[0].effect: grants of kind `org` cannot deny',
        'roles[1].key: `a` is also the key of roles[0]',
        'roles[1].name: another role is called `MEMBER`',
        'roles[2].description: must be at most 150 characters long',
        'roles[2].key: `admin` always names the system role',
        'roles[2].name: must be at most 48 characters long',
        'roles[3].grants[0].selectors[1]: the selector has a `resource_id` that must be 1 to 255 characters without spaces or control characters',
        'roles[3].key: must be 1 to 255 characters without spaces or control characters',
        'roles[3].name: must not be empty',
        'roles[5].grants[0].selectors[0].resource_kind: `resource_kind` of `project:read` cannot be `mcp`',
        'roles[5].name: `sAME` is also the name of roles[4]',
        'members[0].roles[1]: there is no role `nowhere`',
        'members[0].roles[3]: there is no role `no where`',
        'members[1].id: `ann` is also the id of members[0]',
        'members[1].email: must be an e-mail address',
        'members[1].name: must not be empty',
        'members[2].id: must not be `*`, the wildcard, which names nothing',
        'members[3].id: names a user who has been deleted',
      ].sort(),
    );
  });

  it('is refused when a role would have more grants than one may have, with those it has', async () => {
    const room = await openRoom(test.db);
    const many = (from: number, count: number) => [
      read(...Array.from({ length: count }, (_, index) => `p${from + index}`)),
    ];
    await load(room, { roles: [{ key: 'big', name: 'Big', grants: many(0, 9_999) }] });
    expect(
      await problemsOf(room, { roles: [{ key: 'big', name: 'Big', grants: many(9_998, 3) }] }),
    ).toEqual([
      'roles[0].grants: with those it has, the role would have `10001` selectors; the limit is 10000',
    ]);
    await load(room, { roles: [{ key: 'big', name: 'Big', grants: many(9_998, 2) }] });
  });

  it('is refused when it takes the name of a role that is not in it', async () => {
    const room = await openRoom(test.db);
    await load(room, document);
    await buildRole(test.db, room.id, { name: 'Manual', slug: 'org-manual' });
    expect(
      await problemsOf(room, {
        roles: [
          { key: 'new', name: 'Developers', grants: [] },
          { key: 'ops', name: 'manual', grants: [] },
        ],
      }),
    ).toEqual([
      'roles[0].name: another role is called `Developers`',
      'roles[1].name: another role is called `manual`',
    ]);
  });

  it('is refused for an organization that is not there', async () => {
    await expect(perform(test.db, 'nowhere', importOrganization, document)).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});

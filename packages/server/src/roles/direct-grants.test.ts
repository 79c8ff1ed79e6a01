import { type GrantPayload } from '@rolecall/policy';
import { buildApiKey, buildMember, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { brokenInvariants, tracesFrom } from '../../test/roles/traces.ts';
import { createGrants, createRole, deleteGrant, deleteGrants, listGrants } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const on = (scope: string, ...ids: readonly string[]) => ({
  scope,
  selectors: ids.map((id) => ({ resource_kind: scope.split(':')[0] ?? '', resource_id: id })),
});

async function roomWithAnn(): Promise<Room> {
  const room = await openRoom(test.db);
  await room.add('ann');
  return room;
}

const give = (room: Room, principal: string, ...grants: readonly GrantPayload[]) =>
  room.perform(createGrants, { principal, grants });

describe('giving grants directly', () => {
  it('answers with one row for each selector, as they are listed', async () => {
    const room = await roomWithAnn();
    const { value } = await give(room, 'user:ann', on('project:read', 'p2', 'p1'), {
      scope: 'project:write',
      effect: 'deny',
    });
    expect(
      value.map(({ scope, effect, selector }) => [scope, effect, selector.resource_id]),
    ).toEqual([
      ['project:read', 'allow', 'p2'],
      ['project:read', 'allow', 'p1'],
      ['project:write', 'deny', '*'],
    ]);
    expect(value.every((grant) => grant.principal === 'user:ann')).toBe(true);
    const page = await listGrants(test.db, room.id, { principal: 'user:ann' });
    expect(page).toEqual({ data: value, nextCursor: null, total: 3, totalIs: 'exact' });
  });

  it('keeps what is held already, and reports it', async () => {
    const room = await roomWithAnn();
    const first = await give(room, 'user:ann', on('project:read', 'p1'));
    const second = await give(room, 'user:ann', on('project:read', 'p1', 'p2', 'p2'));
    expect(second.value[0]).toEqual(first.value[0]);
    expect(second.value).toHaveLength(2);
    const { audit } = await tracesFrom(test.db, room.id, second.revision);
    expect(audit).toMatchObject([
      {
        action: 'grants.created',
        subject: 'user:ann',
        after: [{ selector: { resource_id: 'p2' } }],
      },
    ]);
    const third = await give(room, 'user:ann', on('project:read', 'p1', 'p2'));
    expect(await tracesFrom(test.db, room.id, third.revision)).toEqual({
      changes: [{ revision: third.revision, what: {} }],
      audit: [],
    });
  });

  it('keeps the dimensions of a selector, and drops the wildcard', async () => {
    const room = await roomWithAnn();
    const selectors = [
      { resource_kind: 'mcp', resource_id: 's1', tool: 'rm', disposition: 'destructive' },
      { resource_kind: 'mcp', resource_id: 's1', tool: '*' },
    ];
    const { value } = await room.perform(createGrants, {
      principal: 'user:ann',
      grants: [{ scope: 'mcp:read', selectors }],
    });
    expect(value.map((grant) => grant.selector)).toEqual([
      selectors[0],
      { resource_kind: 'mcp', resource_id: 's1' },
    ]);
  });

  it('names the principal in the change record', async () => {
    const room = await roomWithAnn();
    const key = await buildApiKey(test.db, { organizationId: room.id });
    const one = await give(room, 'user:ann', { scope: 'project:read' });
    const two = await give(room, `api_key:${key.id}`, { scope: 'project:read' });
    expect((await tracesFrom(test.db, room.id, one.revision)).changes).toEqual([
      { revision: one.revision, what: { users: ['ann'] } },
      { revision: two.revision, what: { api_keys: [key.id] } },
    ]);
    expect(two.value[0]?.principal).toBe(`api_key:${key.id}`);
  });

  it.each(['pending', 'inactive'] as const)('works for a membership that is %s', async (status) => {
    const room = await openRoom(test.db);
    const userId = `${room.id}-${status}`;
    await buildMember(test.db, room.id, { userId, status, roleIds: [room.memberRoleId] });
    expect((await give(room, `user:${userId}`, { scope: 'org:read' })).value).toHaveLength(1);
  });

  it('refuses denies of the organization itself', async () => {
    const room = await roomWithAnn();
    await expect(
      give(room, 'user:ann', { scope: 'org:read', effect: 'deny' }),
    ).rejects.toMatchObject({ code: 'invalid_grant' });
  });

  it.each([
    'role:global:00000000-0000-4000-8000-000000000000',
    'role:admin',
    'nobody',
    'user:',
    '',
  ])('refuses the principal `%s`', async (principal) => {
    const room = await roomWithAnn();
    await expect(give(room, principal, { scope: 'org:read' })).rejects.toMatchObject({
      code: 'invalid_principal',
    });
  });

  it('does not find members and API keys of another organization, and no revoked key', async () => {
    const [room, other] = [await openRoom(test.db), await openRoom(test.db)];
    await other.add('foreign');
    const foreign = await buildApiKey(test.db, { organizationId: other.id });
    const general = await buildApiKey(test.db);
    const revoked = await buildApiKey(test.db, { organizationId: room.id, revoked: true });
    await expect(give(room, 'user:foreign', { scope: 'org:read' })).rejects.toMatchObject({
      code: 'member_not_found',
    });
    for (const id of [foreign.id, general.id, revoked.id, 'no-uuid']) {
      await expect(give(room, `api_key:${id}`, { scope: 'org:read' })).rejects.toMatchObject({
        code: 'api_key_not_found',
      });
    }
  });
});

describe('taking direct grants', () => {
  it('takes exactly those that are named', async () => {
    const room = await roomWithAnn();
    await give(room, 'user:ann', on('project:read', 'p1', 'p2'));
    const { value, revision } = await room.perform(deleteGrants, {
      principal: 'user:ann',
      grants: [on('project:read', 'p1')],
    });
    expect(value.map((grant) => grant.selector.resource_id)).toEqual(['p1']);
    expect(
      (await listGrants(test.db, room.id, {})).data.map((grant) => grant.selector.resource_id),
    ).toEqual(['p2']);
    expect((await tracesFrom(test.db, room.id, revision)).audit).toMatchObject([
      { action: 'grants.deleted', before: [{ selector: { resource_id: 'p1' } }], after: null },
    ]);
  });

  it('takes none when one of them is not held', async () => {
    const room = await roomWithAnn();
    await give(room, 'user:ann', on('project:read', 'p1'));
    await expect(
      room.perform(deleteGrants, {
        principal: 'user:ann',
        grants: [on('project:read', 'p1', 'p2')],
      }),
    ).rejects.toMatchObject({ code: 'grant_not_found' });
    expect((await listGrants(test.db, room.id, {})).total).toBe(1);
  });

  it('takes one by its id', async () => {
    const room = await roomWithAnn();
    const { value } = await give(room, 'user:ann', { scope: 'project:read' });
    const [grant] = value;
    const taken = await room.perform(deleteGrant, { grantId: grant?.id ?? '' });
    expect(taken.value).toEqual(grant);
    expect((await tracesFrom(test.db, room.id, taken.revision)).changes).toMatchObject([
      { what: { users: ['ann'] } },
    ]);
  });

  it.each(['0', '-1', '1e3', '99999999999999999999', 'x', '', '1234567890123'])(
    'does not find the id `%s`',
    async (grantId) => {
      const room = await roomWithAnn();
      await expect(room.perform(deleteGrant, { grantId })).rejects.toMatchObject({
        code: 'grant_not_found',
      });
    },
  );

  it('does not reach a grant of a role, or of another organization', async () => {
    const [room, other] = [await roomWithAnn(), await openRoom(test.db)];
    await room.perform(createRole, { name: 'A', grants: [{ scope: 'project:read' }] });
    const { rows } = await test.database.pool.query<{ readonly id: string }>(
      'SELECT id FROM rolecall.grants WHERE organization_id = $1 AND role_id IS NOT NULL',
      [room.id],
    );
    for (const { id } of rows) {
      await expect(room.perform(deleteGrant, { grantId: id })).rejects.toMatchObject({
        code: 'grant_not_found',
      });
    }
    const { value } = await give(room, 'user:ann', { scope: 'project:read' });
    await expect(other.perform(deleteGrant, { grantId: value[0]?.id ?? '' })).rejects.toMatchObject(
      { code: 'grant_not_found' },
    );
  });
});

describe('listing direct grants', () => {
  it('shows them in the order in which they were given, page by page', async () => {
    const room = await roomWithAnn();
    await room.add('bob');
    const ids = Array.from({ length: 5 }, (_, index) => `p${index}`);
    await give(room, 'user:ann', on('project:read', ...ids.slice(0, 3)));
    await give(room, 'user:bob', on('project:read', ...ids.slice(3)));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listGrants(test.db, room.id, { limit: 2, cursor });
      expect(page).toMatchObject({ total: 5, totalIs: 'exact' });
      seen.push(...page.data.map((grant) => grant.selector.resource_id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(ids);
  });

  it('is empty for a principal that is nobody here', async () => {
    const room = await openRoom(test.db);
    expect(await listGrants(test.db, room.id, { principal: 'user:nobody' })).toEqual({
      data: [],
      nextCursor: null,
      total: 0,
      totalIs: 'exact',
    });
  });

  it('refuses an organization that is not there', async () => {
    await expect(listGrants(test.db, 'nowhere', {})).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});

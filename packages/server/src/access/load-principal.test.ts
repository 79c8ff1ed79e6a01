import {
  buildApiKey,
  buildAssignment,
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
  buildUser,
  createTestDatabase,
} from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from '../database/index.ts';
import { readEpoch } from './fixtures/read-epoch.ts';
import { loadPrincipal } from './load-principal.ts';
import { readGrants } from './load-text.ts';

const test = await createTestDatabase();
afterAll(() => test.close());
const { db } = test;

const sql = (text: string, ...values: unknown[]): Promise<unknown[]> => query(db, { text, values });
const bury = (membershipId: string, when: string): Promise<unknown[]> =>
  sql('UPDATE rolecall.memberships SET deleted_at = $2 WHERE id = $1', membershipId, when);

describe('the standing of a user', () => {
  it('is that of the membership', async () => {
    const { id } = await buildOrganization(db);
    for (const status of ['active', 'inactive', 'pending'] as const) {
      const { userId } = await buildMember(db, id, { status });
      const { membership } = await loadPrincipal(db, id, `user:${userId}`);
      expect(membership).toBe(status);
    }
  });

  it('is `none` for someone who was never a member, known or not', async () => {
    const { id } = await buildOrganization(db);
    const user = await buildUser(db);
    expect((await loadPrincipal(db, id, `user:${user.id}`)).membership).toBe('none');
    expect((await loadPrincipal(db, id, 'user:nobody')).membership).toBe('none');
  });

  it('is `none` for a member of another organization', async () => {
    const one = await buildOrganization(db);
    const other = await buildOrganization(db);
    const { userId } = await buildMember(db, other.id, { roleIds: [other.adminRoleId] });
    const loaded = await loadPrincipal(db, one.id, `user:${userId}`);
    expect(loaded).toMatchObject({ membership: 'none', roles: [] });
  });

  it('is `deleted` after the membership is, and that of the new life after a return', async () => {
    const { id } = await buildOrganization(db);
    const first = await buildMember(db, id);
    await bury(first.membershipId, '2026-01-01');
    expect((await loadPrincipal(db, id, `user:${first.userId}`)).membership).toBe('deleted');
    const second = await buildMember(db, id, { userId: first.userId, status: 'inactive' });
    expect((await loadPrincipal(db, id, `user:${first.userId}`)).membership).toBe('inactive');
    await bury(second.membershipId, '2025-01-01');
    expect((await loadPrincipal(db, id, `user:${first.userId}`)).membership).toBe('deleted');
  });

  it('is `deleted` for a deleted user, with a live membership or without one', async () => {
    const { id } = await buildOrganization(db);
    const member = await buildMember(db, id);
    await sql('UPDATE rolecall.users SET deleted_at = now() WHERE id = $1', member.userId);
    const stranger = await buildUser(db, { deleted: true });
    for (const userId of [member.userId, stranger.id]) {
      expect((await loadPrincipal(db, id, `user:${userId}`)).membership).toBe('deleted');
    }
  });
});

describe('the load of a user', () => {
  it('brings the roles held, their grants and the direct ones', async () => {
    const { id, memberRoleId } = await buildOrganization(db, { systemGrants: false });
    const role = await buildRole(db, id, {
      grants: [
        { scope: 'project:read', resourceId: 'p1' },
        { scope: 'project:read', resourceId: 'p2' },
        { scope: 'mcp:read', effect: 'deny', resourceId: 's', dimensions: { tool: 'rm -rf "*"' } },
      ],
    });
    await buildRole(db, id, { grants: [{ resourceId: 'of-a-role-that-is-not-held' }] });
    const member = await buildMember(db, id, { roleIds: [role.id, memberRoleId] });
    await buildGrant(db, id, { membershipId: member.membershipId, scope: 'project:write' });

    const loaded = await loadPrincipal(db, id, `user:${member.userId}`);
    expect(loaded).toMatchObject({
      revision: 0,
      epoch: await readEpoch(db),
      enforcement: 'enforced',
      membership: 'active',
    });
    expect(loaded.roles.map(({ principal }) => principal).sort()).toEqual(
      [role.principal, `role:global:${memberRoleId}`].sort(),
    );
    const held = loaded.roles.find(({ principal }) => principal === role.principal);
    const effect = 'allow';
    const project = { principal: role.principal, scope: 'project:read', effect };
    const selector = { resource_kind: 'project' };
    expect(held && readGrants(held)).toEqual([
      {
        principal: role.principal,
        scope: 'mcp:read',
        effect: 'deny',
        selector: { resource_kind: 'mcp', resource_id: 's', tool: 'rm -rf "*"' },
      },
      { ...project, selector: { ...selector, resource_id: 'p1' } },
      { ...project, selector: { ...selector, resource_id: 'p2' } },
    ]);
    expect(readGrants(loaded.direct)).toEqual([
      {
        principal: `user:${member.userId}`,
        scope: 'project:write',
        effect,
        selector: { ...selector, resource_id: '*' },
      },
    ]);
  });

  it('ignores a role that was deleted for everybody', async () => {
    const { id } = await buildOrganization(db);
    const [global] = (await sql(
      `INSERT INTO rolecall.global_roles (slug, name) VALUES ('auditor', 'Auditor') RETURNING id`,
    )) as { id: string }[];
    const roleId = global?.id ?? '';
    await sql(
      `INSERT INTO rolecall.roles (organization_id, id, kind) VALUES ($1, $2, 'global')`,
      id,
      roleId,
    );
    await buildGrant(db, id, { roleId });
    const member = await buildMember(db, id, { roleIds: [roleId] });
    const load = () => loadPrincipal(db, id, `user:${member.userId}`);
    expect((await load()).roles).toHaveLength(1);
    await sql('UPDATE rolecall.global_roles SET deleted_at = now() WHERE id = $1', roleId);
    expect((await load()).roles).toEqual([]);
  });

  it('does not bring what an earlier life held', async () => {
    const { id, adminRoleId } = await buildOrganization(db);
    const first = await buildMember(db, id);
    await bury(first.membershipId, '2026-01-01');
    const second = await buildMember(db, id, { userId: first.userId });
    await buildAssignment(db, id, { membershipId: second.membershipId, roleId: adminRoleId });
    const loaded = await loadPrincipal(db, id, `user:${first.userId}`);
    expect(loaded).toMatchObject({ membership: 'active' });
    expect(loaded.roles).toHaveLength(1);
  });

  it('reads back every id and dimension that can be stored', async () => {
    const { id } = await buildOrganization(db);
    const member = await buildMember(db, id);
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const storable = text.filter((value) => !value.includes('\0') && value.isWellFormed());
    const identifier = storable.filter((value) =>
      /^[^\s\p{Cc}\u200b\u180e\u2060\ufeff]+$/u.test(value),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({ resourceId: identifier, tool: fc.option(storable, { nil: undefined }) }),
          { selector: ({ resourceId, tool }) => JSON.stringify([resourceId, tool]), maxLength: 8 },
        ),
        async (plans) => {
          await sql('DELETE FROM rolecall.grants WHERE membership_id = $1', member.membershipId);
          const stored: unknown[] = [];
          for (const { resourceId, tool } of plans) {
            const dimensions = tool === undefined ? {} : { tool };
            const plan = { membershipId: member.membershipId, scope: 'mcp:read', resourceId };
            try {
              await buildGrant(db, id, { ...plan, dimensions });
            } catch {
              continue; // what the constraints refuse is never loaded
            }
            stored.push({ resource_kind: 'mcp', resource_id: resourceId, ...dimensions });
          }
          const { direct } = await loadPrincipal(db, id, `user:${member.userId}`);
          const loaded = readGrants(direct).map(({ selector }) => selector);
          expect(new Set(loaded.map((s) => JSON.stringify(s)))).toEqual(
            new Set(stored.map((s) => JSON.stringify(s))),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses an organization that is not there, or cannot be', async () => {
    for (const id of ['nowhere', '', 'a\0b', 'a b', 'x'.repeat(300)]) {
      await expect(loadPrincipal(db, id, 'user:u')).rejects.toMatchObject({
        code: 'organization_not_found',
      });
    }
  });

  it('refuses what is not a principal, and a role named by slug', async () => {
    const { id } = await buildOrganization(db);
    for (const principal of [
      '',
      'alice',
      'user:',
      'user:a b',
      'group:x',
      'role:admin',
      'user:a\0',
    ]) {
      await expect(loadPrincipal(db, id, principal)).rejects.toMatchObject({
        code: 'invalid_principal',
        details: { problems: [{ path: 'principal' }] },
      });
    }
  });
});

describe('the load of an API key', () => {
  it('needs no membership and brings its grants', async () => {
    const { id } = await buildOrganization(db);
    const key = await buildApiKey(db, { organizationId: id });
    await buildGrant(db, id, { apiKeyId: key.id, resourceId: 'p1' });
    const loaded = await loadPrincipal(db, id, `api_key:${key.id}`);
    expect(loaded).toMatchObject({ membership: 'exempt', roles: [] });
    expect(readGrants(loaded.direct)).toMatchObject([
      { principal: `api_key:${key.id}`, selector: { resource_id: 'p1' } },
    ]);
  });

  it('says `deleted` of one that is revoked, of another organization, of none, or unknown', async () => {
    const { id } = await buildOrganization(db);
    const other = await buildOrganization(db);
    const keys = [
      await buildApiKey(db, { organizationId: id, revoked: true }),
      await buildApiKey(db, { organizationId: other.id }),
      await buildApiKey(db),
      { id: '00000000-0000-4000-8000-000000000000' },
      { id: 'not-a-uuid' },
    ];
    for (const key of keys) {
      const loaded = await loadPrincipal(db, id, `api_key:${key.id}`);
      expect(loaded).toMatchObject({ membership: 'deleted', direct: { lines: '' } });
    }
  });
});

describe('the load of a role', () => {
  it('brings its grants', async () => {
    const { id, adminRoleId } = await buildOrganization(db, { systemGrants: false });
    const role = await buildRole(db, id, { grants: [{ resourceId: 'p1' }] });
    await buildGrant(db, id, { roleId: adminRoleId, resourceId: 'p2' });
    const own = await loadPrincipal(db, id, role.principal);
    const global = await loadPrincipal(db, id, `role:global:${adminRoleId}`);
    expect(own.membership).toBe('exempt');
    expect(readGrants(own.direct)).toMatchObject([{ principal: role.principal }]);
    expect(readGrants(global.direct)).toMatchObject([{ selector: { resource_id: 'p2' } }]);
  });

  it('refuses one that is of another organization, of another kind, or deleted', async () => {
    const { id, adminRoleId } = await buildOrganization(db);
    const other = await buildOrganization(db);
    const foreign = await buildRole(db, other.id);
    const gone = await buildRole(db, id);
    await sql('UPDATE rolecall.roles SET deleted_at = now() WHERE id = $1', gone.id);
    for (const principal of [
      foreign.principal,
      gone.principal,
      `role:organization:${adminRoleId}`,
    ]) {
      await expect(loadPrincipal(db, id, principal)).rejects.toMatchObject({
        code: 'role_not_found',
      });
    }
  });
});

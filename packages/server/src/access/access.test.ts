import { builtinPolicy, type ScopeOf } from '@rolecall/policy';
import {
  buildApiKey,
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
  createTestDatabase,
} from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from '../database/index.ts';
import { createAccess } from './access.ts';
import { readEpoch } from './fixtures/read-epoch.ts';
import { encodeRevision } from './revision.ts';

const test = await createTestDatabase();
afterAll(() => test.close());
const { db } = test;
const access = createAccess({ database: test.database, policy: builtinPolicy });

type Scope = ScopeOf<typeof builtinPolicy>;

async function buildReader(): Promise<{
  organizationId: string;
  principal: string;
  userId: string;
}> {
  const { id } = await buildOrganization(db);
  const role = await buildRole(db, id, {
    grants: [
      { scope: 'project:read', resourceId: 'p1' },
      { scope: 'mcp:write', resourceId: '*' },
      { scope: 'mcp:write', effect: 'deny', resourceId: 's1', dimensions: { tool: 'drop' } },
    ],
  });
  const { userId } = await buildMember(db, id, { roleIds: [role.id] });
  return { organizationId: id, principal: `user:${userId}`, userId };
}

describe('check', () => {
  it('answers each check and all of them together', async () => {
    const { organizationId, principal } = await buildReader();
    const checks = [
      { scope: 'project:read', resource_id: 'p1' },
      { scope: 'project:read', resource_id: 'p2' },
      { scope: 'mcp:write', resource_id: 's1', dimensions: { tool: 'drop' } },
      { scope: 'mcp:write', resource_id: 's1' },
    ] as const;
    const all = await access.check(organizationId, { principal, checks });
    expect(all.allowed).toBe(false);
    expect(all.decisions.map(({ allowed, reason }) => [allowed, reason])).toEqual([
      [true, 'grant_matched'],
      [false, 'scope_unsatisfied'],
      [false, 'deny_matched'],
      [true, 'grant_matched'],
    ]);
    expect(all.decisions[3]?.undetermined).toHaveLength(1);
    const any = await access.check(organizationId, { principal, checks, require: 'any' });
    expect(any.allowed).toBe(true);
  });

  it('refuses to check nothing', async () => {
    const { organizationId, principal } = await buildReader();
    await expect(access.check(organizationId, { principal, checks: [] })).rejects.toMatchObject({
      code: 'invalid_request',
      details: { problems: [{ path: 'checks' }] },
    });
  });

  it('fails as a whole when one check is invalid, and names every one that is', async () => {
    const { organizationId, principal } = await buildReader();
    const valid = { scope: 'project:read', resource_id: 'p1' } as const;
    const checks = [
      valid,
      { scope: 'project:fly' as Scope, resource_id: 'p1' },
      valid,
      { scope: 'project:read', resource_id: '*' },
      { scope: 'environment:read', resource_id: 'e1' },
    ] as const;
    await expect(access.check(organizationId, { principal, checks })).rejects.toMatchObject({
      code: 'invalid_check',
      message: 'unknown scope `project:fly` at checks[1].scope',
      details: {
        problems: [
          { path: 'checks[1].scope' },
          { path: 'checks[3].resource_id' },
          { path: 'checks[4].dimensions.project_id' },
        ],
      },
    });
  });

  it('refuses a role, which can only be asked about', async () => {
    const { organizationId } = await buildReader();
    const role = await buildRole(db, organizationId);
    const checks = [{ scope: 'project:read', resource_id: 'p1' }] as const;
    await expect(
      access.check(organizationId, { principal: role.principal, checks }),
    ).rejects.toMatchObject({ code: 'invalid_principal' });
  });

  it('denies a key of another organization even where nothing is enforced', async () => {
    const one = await buildOrganization(db, { enforcement: 'off' });
    const other = await buildOrganization(db);
    const key = await buildApiKey(db, { organizationId: other.id });
    await buildGrant(db, other.id, { apiKeyId: key.id });
    const checks = [{ scope: 'project:read', resource_id: 'p1' }] as const;
    const ask = (id: string) => access.check(id, { principal: `api_key:${key.id}`, checks });
    expect((await ask(other.id)).allowed).toBe(true);
    expect(await ask(one.id)).toMatchObject({
      allowed: false,
      decisions: [{ reason: 'not_a_member' }],
    });
  });
});

describe('filter', () => {
  it('keeps the order of the request, and duplicates', async () => {
    const { organizationId, principal } = await buildReader();
    const { resourceIds } = await access.filter(organizationId, {
      principal,
      scope: 'mcp:write',
      resourceIds: ['s2', 's1', 's2'],
      dimensions: { tool: 'drop' },
    });
    expect(resourceIds).toEqual(['s2', 's2']);
  });
});

describe('consistency', () => {
  it('answers at least the revision of a token, and says when it cannot', async () => {
    const { organizationId, principal } = await buildReader();
    const { revision } = await access.principal(organizationId, principal);
    const at = (token: string) =>
      access.principal(organizationId, principal, {
        consistency: { mode: 'at_least', revision: token },
      });
    await expect(at(revision)).resolves.toMatchObject({ revision });

    const epoch = await readEpoch(db);
    const later = encodeRevision({ organizationId, epoch, revision: 1 });
    await expect(at(later)).rejects.toMatchObject({ code: 'revision_unknown' });
    await query(db, {
      text: 'UPDATE rolecall.organization_state SET revision = 1 WHERE organization_id = $1',
      values: [organizationId],
    });
    await expect(at(later)).resolves.toMatchObject({ revision: later });

    const history = '00000000-0000-4000-8000-000000000000';
    const elsewhere = encodeRevision({ organizationId, epoch: history, revision: 0 });
    await expect(at(elsewhere)).rejects.toMatchObject({ code: 'revision_unknown' });
    const foreign = encodeRevision({ organizationId: 'another', epoch, revision: 0 });
    await expect(at(foreign)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(at('nonsense')).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('explain', () => {
  it('says why, for a member and for a role', async () => {
    const { organizationId, principal } = await buildReader();
    const check = { scope: 'project:write', resource_id: 'p1' } as const;
    const member = await access.explain(organizationId, { principal, check });
    expect(member.decision).toMatchObject({ allowed: false, reason: 'scope_unsatisfied' });
    const role = await buildRole(db, organizationId, { grants: [{ scope: 'project:write' }] });
    const ofRole = await access.explain(organizationId, { principal: role.principal, check });
    expect(ofRole.decision).toMatchObject({
      allowed: true,
      matched: [{ principal: role.principal, scope: 'project:write' }],
    });
  });
});

describe('effectiveGrants', () => {
  it('lists what a member holds under every scope, implied ones included', async () => {
    const { organizationId, userId } = await buildReader();
    const { scopes, membership } = await access.effectiveGrants(organizationId, userId);
    expect(membership).toBe('active');
    expect(scopes.map(({ scope, allow, deny }) => [scope, allow.length, deny.length])).toEqual([
      ['project:read', 1, 0],
      ['mcp:connect', 1, 0],
      ['mcp:read', 1, 0],
      ['mcp:write', 1, 1],
    ]);
  });

  it('refuses whoever is not a member', async () => {
    const { organizationId } = await buildReader();
    await expect(access.effectiveGrants(organizationId, 'nobody')).rejects.toMatchObject({
      code: 'member_not_found',
    });
  });
});

import { buildApiKey } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeRevision, encodeRevision } from '../../src/access/index.ts';
import { type Answer, expectProblem, startApi } from './api.ts';

const api = await startApi();
afterAll(() => api.close());
const { call, ok, test } = api;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const reader = { name: 'Reader', grants: [{ scope: 'project:read' }] };
let last = 0;

interface Fixture {
  readonly org: string;
  /** Its path. */
  readonly path: string;
  readonly adminRoleId: string;
}

/** An organization of its own for each test, with the admin `root`. */
async function newOrganization(): Promise<Fixture> {
  last += 1;
  const org = `org-${last}`;
  await ok('createOrganization', { body: { id: org, name: `Organization ${last}` } });
  const params = { org };
  const { body } = await ok('listRoles', { params, query: { kind: 'global' } });
  const adminRoleId = body.data.find(({ slug }) => slug === 'admin')?.id ?? '';
  await ok('addMember', {
    params,
    body: { id: 'root', email: 'root@acme.example', role_ids: [adminRoleId] },
  });
  return { org, path: `/v1/organizations/${org}`, adminRoleId };
}

/** Where an answer says that its resource is. */
function locationOf(path: string, answer: Answer): string {
  const location = answer.headers.get('location') ?? '';
  return new URL(location, `http://rolecall.test${path}`).pathname;
}

describe('organizations', () => {
  it('are created, read, changed and listed', async () => {
    const created = await ok('createOrganization', { body: { id: 'o/1', name: 'One' } });
    expect(created.body).toMatchObject({ id: 'o/1', name: 'One', enforcement: 'enforced' });
    const path = locationOf('/v1/organizations', created);
    expect(path).toBe('/v1/organizations/o%2F1');
    expect((await call('GET', path)).body).toEqual(created.body);
    const changed = await call('PATCH', path, { body: { name: 'Uno' } });
    expect(changed.body).toMatchObject({ id: 'o/1', name: 'Uno' });
    const listed = await ok('listOrganizations', { query: { search: 'Uno' } });
    expect(listed.body).toMatchObject({ data: [changed.body], next_cursor: null, total: 1 });
  });

  it('get an id when they are given none', async () => {
    const { body } = await ok('createOrganization', { body: { name: 'Nameless' } });
    expect((await ok('getOrganization', { params: { org: body.id } })).body).toEqual(body);
  });

  it('are not created twice', async () => {
    const { org } = await newOrganization();
    const again = await call('POST', '/v1/organizations', { body: { id: org, name: 'Again' } });
    expectProblem(again, 'organization_exists');
  });

  it('are paged', async () => {
    for (let n = 0; n < 3; n += 1) await newOrganization();
    const first = await ok('listOrganizations', { query: { limit: 2 } });
    const cursor = first.body.next_cursor ?? '';
    const second = await ok('listOrganizations', { query: { limit: 2, cursor } });
    const ids = [...first.body.data, ...second.body.data].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  it('are linked to one WorkOS organization each', async () => {
    const first = await newOrganization();
    const second = await newOrganization();
    const body = { workos_id: `org_${first.org}` };
    expect(
      (await ok('updateOrganization', { params: { org: first.org }, body })).body,
    ).toMatchObject(body);
    expectProblem(await call('PATCH', second.path, { body }), 'workos_id_taken');
    const rename = await call('PATCH', first.path, { body: { name: 'Mine' } });
    expectProblem(rename, 'owned_by_workos');
  });
});

describe('roles', () => {
  it('are created, read, changed and deleted', async () => {
    const { org, path } = await newOrganization();
    const created = await ok('createRole', {
      params: { org },
      body: { ...reader, description: 'Reads', member_ids: ['root'] },
    });
    expect(created.body).toMatchObject({
      kind: 'organization',
      slug: 'org-reader',
      name: 'Reader',
      description: 'Reads',
      grants: [{ scope: 'project:read', effect: 'allow' }],
      member_count: 1,
      version: 1,
    });
    expect(created.headers.get('etag')).toBe('"1"');
    const params = { org, role_id: created.body.id };
    expect(locationOf(`${path}/roles`, created)).toBe(`${path}/roles/${created.body.id}`);
    const read = await ok('getRole', { params });
    expect(read.body).toEqual(created.body);
    expect(read.headers.get('etag')).toBe('"1"');

    const selectors = [{ resource_kind: 'project', resource_id: 'p1' }];
    const changed = await ok('updateRole', {
      params,
      headers: { 'If-Match': '"1"' },
      body: { grants: [{ scope: 'project:write', effect: 'deny', selectors }], member_ids: [] },
    });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(changed.body).toMatchObject({
      name: 'Reader',
      grants: [{ scope: 'project:write', effect: 'deny', selectors }],
      member_count: 0,
      version: 2,
    });
    await ok('deleteRole', { params, headers: { 'If-Match': '"2"' } });
    expectProblem(await call('GET', `${path}/roles/${params.role_id}`), 'role_not_found');
  });

  it('are not changed or deleted in a version that is no longer theirs', async () => {
    const { org, path } = await newOrganization();
    const created = await ok('createRole', { params: { org }, body: reader });
    const params = { org, role_id: created.body.id };
    const role = `${path}/roles/${created.body.id}`;
    await ok('updateRole', { params, body: { name: 'Renamed' } });
    const headers = { 'If-Match': '"1"' };
    const update = await call('PATCH', role, { headers, body: { name: 'Mine' } });
    expectProblem(update, 'version_mismatch');
    expectProblem(await call('DELETE', role, { headers }), 'version_mismatch');
    expect((await ok('getRole', { params })).body.name).toBe('Renamed');
  });

  it('take their id in either case', async () => {
    const { org } = await newOrganization();
    const { body } = await ok('createRole', { params: { org }, body: reader });
    const read = await ok('getRole', { params: { org, role_id: body.id.toUpperCase() } });
    expect(read.body).toEqual(body);
  });

  it('name the place of a grant that means nothing', async () => {
    const { path } = await newOrganization();
    const selectors = [{ resource_kind: 'project', resource_id: 'p1', tool: 'x' }];
    const grants = [{ scope: 'project:read', selectors }];
    const body = { name: 'Bad', grants };
    const problem = expectProblem(
      await call('POST', `${path}/roles`, { body }),
      'invalid_selector',
    );
    expect(problem.problems?.[0]?.path).toMatch(/^grants\[0\]\.selectors\[0\]/);
  });

  it('keep their guards: system roles, names, the last admin', async () => {
    const { org, path, adminRoleId } = await newOrganization();
    await ok('createRole', { params: { org }, body: reader });
    const taken = await call('POST', `${path}/roles`, { body: { ...reader, name: 'READER' } });
    expectProblem(taken, 'role_name_taken');
    const admin = `${path}/roles/${adminRoleId}`;
    expectProblem(await call('DELETE', admin), 'system_role');
    expectProblem(await call('PATCH', admin, { body: { name: 'Boss' } }), 'system_role');
    const stripped = await call('PATCH', admin, { body: { grants: [] } });
    expectProblem(stripped, 'admin_must_keep_org_admin');
    expectProblem(await call('PATCH', admin, { body: { member_ids: [] } }), 'last_admin');
  });
});

describe('members', () => {
  it('are added, read, given roles and removed', async () => {
    const { org, path } = await newOrganization();
    const created = await ok('addMember', {
      params: { org },
      body: { id: 'bob@acme', email: 'bob@acme.example', name: 'Боб' },
    });
    expect(created.body).toMatchObject({ user_id: 'bob@acme', name: 'Боб', status: 'active' });
    expect(locationOf(`${path}/members`, created)).toBe(`${path}/members/bob%40acme`);
    const params = { org, user_id: 'bob@acme' };
    expect((await ok('getMember', { params })).body).toEqual(created.body);
    const role = await ok('createRole', { params: { org }, body: reader });
    const put = await ok('setMemberRoles', { params, body: { role_ids: [role.body.id] } });
    expect(put.body.role_ids).toEqual([role.body.id]);
    const grants = await ok('listEffectiveGrants', { params });
    expect(grants.body.data).toMatchObject([{ scope: 'project:read', deny: [] }]);
    const listed = await ok('listMembers', {
      params: { org },
      query: { search: 'боб', role_id: role.body.id, status: 'active' },
    });
    expect(listed.body).toMatchObject({ data: [put.body], total: 1, total_is: 'exact' });
    await ok('removeMember', { params });
    expectProblem(await call('GET', `${path}/members/bob%40acme`), 'member_not_found');
    expectProblem(await call('GET', `${path}/members/bob%40acme/grants`), 'member_not_found');
  });

  it('keep their guards: twice, no roles, the last admin', async () => {
    const { path } = await newOrganization();
    const again = { id: 'root', email: 'r@acme.example' };
    expectProblem(await call('POST', `${path}/members`, { body: again }), 'member_exists');
    const none = await call('PUT', `${path}/members/root/roles`, { body: { role_ids: [] } });
    expectProblem(none, 'roles_required');
    expectProblem(await call('DELETE', `${path}/members/root`), 'last_admin');
  });
});

describe('direct grants', () => {
  const grants = [{ scope: 'project:read' }];

  it('are given, listed and taken', async () => {
    const { org, path } = await newOrganization();
    const params = { org };
    const selectors = [{ resource_kind: 'project', resource_id: 'p1' }];
    const body = { principal: 'user:root', grants: [{ scope: 'project:write', selectors }] };
    const given = await ok('createGrants', { params, body });
    expect(given.body.data).toMatchObject([
      { principal: 'user:root', scope: 'project:write', effect: 'allow', selector: selectors[0] },
    ]);
    const listed = await ok('listGrants', { params, query: { principal: 'user:root' } });
    expect(listed.body).toMatchObject({ data: given.body.data, total: 1 });
    await ok('deleteGrants', { params, body });
    expectProblem(await call('DELETE', `${path}/grants`, { body }), 'grant_not_found');
    expect((await ok('listGrants', { params })).body.data).toEqual([]);
  });

  it.each([
    ['role:admin', 'invalid_principal'],
    ['nobody', 'invalid_principal'],
    ['user:stranger', 'member_not_found'],
    ['api_key:nobody', 'api_key_not_found'],
  ] as const)('are not given to %s', async (principal, code) => {
    const { path } = await newOrganization();
    const answer = await call('POST', `${path}/grants`, { body: { principal, grants } });
    expectProblem(answer, code);
  });

  it('are given to API keys of the organization, and to no others', async () => {
    const { org, path } = await newOrganization();
    const own = await buildApiKey(test.db, { organizationId: org, scope: 'check' });
    await ok('createGrants', { params: { org }, body: { principal: `api_key:${own.id}`, grants } });
    const foreign = { principal: `api_key:${api.key.id}`, grants };
    expectProblem(await call('POST', `${path}/grants`, { body: foreign }), 'api_key_not_found');
  });
});

describe('questions', () => {
  const principal = 'user:root';

  it('are answered: check, filter, explain', async () => {
    const { org } = await newOrganization();
    const params = { org };
    const selectors = [{ resource_kind: 'project', resource_id: 'secret' }];
    await ok('createGrants', {
      params,
      body: { principal, grants: [{ scope: 'project:read', effect: 'deny', selectors }] },
    });
    const open = { scope: 'project:read', resource_id: 'open' };
    const secret = { scope: 'project:read', resource_id: 'secret' };
    const checks = [open, secret];

    const all = await ok('check', { params, body: { principal, checks } });
    expect(all.body).toMatchObject({
      allowed: false,
      decisions: [
        { allowed: true, reason: 'grant_matched' },
        { allowed: false, reason: 'deny_matched' },
      ],
    });
    const any = await ok('check', { params, body: { principal, checks, require: 'any' } });
    expect(any.body.allowed).toBe(true);
    const filtered = await ok('filter', {
      params,
      body: { principal, scope: 'project:read', resource_ids: ['secret', 'open'] },
    });
    expect(filtered.body.resource_ids).toEqual(['open']);
    const explained = await ok('explain', { params, body: { principal, check: secret } });
    expect(explained.body.decision).toMatchObject({
      allowed: false,
      denied_by: [{ principal, effect: 'deny', selector: selectors[0] }],
    });
  });

  it('name every invalid check', async () => {
    const { path } = await newOrganization();
    const checks = [
      { scope: 'project:read', resource_id: 'p1' },
      { scope: 'project:fly', resource_id: 'p1' },
      { scope: 'project:read', resource_id: '*' },
    ];
    const answer = await call('POST', `${path}/check`, { body: { principal, checks } });
    expect(expectProblem(answer, 'invalid_check').problems?.map((p) => p.path)).toEqual([
      'checks[1].scope',
      'checks[2].resource_id',
    ]);
  });

  it('see the write whose revision they name', async () => {
    const { org, path } = await newOrganization();
    const write = await ok('addMember', {
      params: { org },
      body: { id: 'eve', email: 'eve@acme.example' },
    });
    const token = write.headers.get('rolecall-revision') ?? '';
    const checks = [{ scope: 'project:read', resource_id: 'p1' }];
    const bodyAt = (revision: string) => ({
      principal: 'user:eve',
      checks,
      consistency: { mode: 'at_least' as const, revision },
    });
    const answer = await ok('check', { params: { org }, body: bodyAt(token) });
    expect(answer.body).toMatchObject({ allowed: true, revision: token });
    const later = encodeRevision({ ...decodeRevision(token), revision: 999 });
    const ask = (revision: string) => call('POST', `${path}/check`, { body: bodyAt(revision) });
    expectProblem(await ask(later), 'revision_unknown');
    expectProblem(await ask('nonsense'), 'invalid_request');
  });

  it('say what would count while enforcement is not on, and which denies were undetermined', async () => {
    const { org } = await newOrganization();
    const params = { org };
    await ok('setEnforcement', { params, body: { state: 'shadow' } });
    const selectors = [{ resource_kind: 'mcp', resource_id: 'crm', tool: 'delete' }];
    const grants = [{ scope: 'mcp:write', effect: 'deny' as const, selectors }];
    await ok('createGrants', { params, body: { principal, grants } });
    const checks = [{ scope: 'mcp:write', resource_id: 'crm' }];
    const answer = await ok('check', { params, body: { principal, checks } });
    expect(answer.body.decisions[0]).toMatchObject({
      allowed: true,
      reason: 'enforcement_shadow',
      enforced: { allowed: true, reason: 'grant_matched' },
      undetermined: [{ effect: 'deny' }],
    });
  });

  it('name the limits of checks and of ids', async () => {
    const { path } = await newOrganization();
    const many = Array.from({ length: 1_001 }, (_, n) => ({
      scope: 'project:read',
      resource_id: `p${n}`,
    }));
    const checks = await call('POST', `${path}/check`, { body: { principal, checks: many } });
    expect(expectProblem(checks, 'limit_exceeded').detail).toContain('1000');
    const body = {
      principal,
      scope: 'project:read',
      resource_ids: Array.from({ length: 10_001 }, (_, n) => `p${n}`),
    };
    const filter = await call('POST', `${path}/filter`, { body });
    expect(expectProblem(filter, 'limit_exceeded').detail).toContain('10000');
    const none = await call('POST', `${path}/check`, { body: { principal, checks: [] } });
    expectProblem(none, 'invalid_request');
  });

  it('are not asked about roles, but in explain', async () => {
    const { org, path, adminRoleId } = await newOrganization();
    const check = { scope: 'project:read', resource_id: 'p1' };
    const role = `role:global:${adminRoleId}`;
    const asked = await call('POST', `${path}/check`, {
      body: { principal: role, checks: [check] },
    });
    expectProblem(asked, 'invalid_principal');
    const explained = await ok('explain', { params: { org }, body: { principal: role, check } });
    expect(explained.body.decision.allowed).toBe(true);
    expect(explained.body.sentences.length).toBeGreaterThan(0);
  });
});

describe('enforcement', () => {
  it('is read and set', async () => {
    const { org } = await newOrganization();
    const params = { org };
    expect((await ok('getEnforcement', { params })).body.state).toBe('enforced');
    expect((await ok('setEnforcement', { params, body: { state: 'off' } })).body.state).toBe('off');
    const back = await ok('setEnforcement', { params, body: { state: 'enforced' } });
    expect(back.body).toMatchObject({ state: 'enforced', preflight: { ready: true } });
  });

  it('is not turned on when the preflight fails', async () => {
    const { body } = await ok('createOrganization', { body: { name: 'Nobody here' } });
    const params = { org: body.id };
    await ok('setEnforcement', { params, body: { state: 'off' } });
    const path = `/v1/organizations/${body.id}/enforcement`;
    const answer = await call('PUT', path, { body: { state: 'enforced' } });
    expect(expectProblem(answer, 'preflight_failed').problems?.length).toBeGreaterThan(0);
    expect((await ok('getEnforcement', { params })).body.state).toBe('off');
  });
});

describe('an import', () => {
  it('creates, and repeats without effect', async () => {
    const { org, path } = await newOrganization();
    const body = {
      organization: { id: org },
      roles: [{ key: 'r1', name: 'Imported', grants: [{ scope: 'project:read' }] }],
      members: [{ id: 'ina', email: 'ina@acme.example', name: 'Ina', roles: ['r1', 'member'] }],
    };
    const first = await ok('importOrganization', { params: { org }, body });
    expect(first.body).toMatchObject({ roles_created: 1, members_created: 1 });
    const again = await ok('importOrganization', { params: { org }, body });
    expect(again.body).toMatchObject({ roles_created: 0, members_created: 0, members_updated: 0 });
    const members = [{ id: 'x', email: 'x@acme.example', roles: ['nope'] }];
    const bad = await call('POST', `${path}/import`, { body: { ...body, members } });
    expect(expectProblem(bad, 'import_invalid').problems?.[0]?.path).toBe('members[0].roles[0]');
    const other = await call('POST', `${path}/import`, { body: { organization: { id: 'other' } } });
    expect(expectProblem(other, 'import_invalid').problems?.[0]?.path).toBe('organization.id');
  });

  it('may be larger than other bodies', async () => {
    const { org } = await newOrganization();
    const members = Array.from({ length: 3_000 }, (_, n) => ({
      id: `${org}-u${n}`,
      email: `u${n}@acme.example`,
      name: `User ${'x'.repeat(200)}`,
      roles: ['member'],
    }));
    const selectors = Array.from({ length: 500 }, (_, n) => ({
      resource_kind: 'project',
      resource_id: `project-${n}`,
    }));
    const roles = Array.from({ length: 30 }, (_, n) => ({
      key: `r${n}`,
      name: `Role ${n}`,
      grants: [{ scope: 'project:read', selectors }],
    }));
    expect(JSON.stringify({ roles, members }).length).toBeGreaterThan(1024 * 1024);
    const answer = await ok('importOrganization', { params: { org }, body: { roles, members } });
    expect(answer.body).toMatchObject({ roles_created: 30, members_created: 3_000 });
  });
});

it('audit events are listed newest first, and filtered', async () => {
  const { org, path } = await newOrganization();
  const params = { org };
  const earlier = new Date(Date.now() - 60_000).toISOString();
  const { body: role } = await ok('createRole', { params, body: reader });
  await ok('updateRole', { params: { org, role_id: role.id }, body: { name: 'Renamed' } });
  const list = async (query: Record<string, string | number>) =>
    (await ok('listAuditEvents', { params, query })).body;

  const all = await list({});
  expect(all.data[0]).toMatchObject({ action: 'role.updated', actor: `api_key:${api.key.id}` });
  const sequences = all.data.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.toSorted((a, b) => b - a));
  expect((await list({ action: 'role.updated' })).data).toHaveLength(1);
  expect((await list({ actor: 'user:nobody' })).data).toHaveLength(0);
  expect((await list({ subject: role.principal })).data).toHaveLength(2);
  expect((await list({ until: earlier })).data).toHaveLength(0);
  expect((await list({ since: earlier, limit: 1 })).next_cursor).not.toBeNull();
  for (const since of ['yesterday', '2026-02-30T00:00:00Z']) {
    const answer = await call('GET', `${path}/audit-events?since=${since}`);
    expect(expectProblem(answer, 'invalid_request').problems?.[0]?.path).toBe('since');
  }
});

describe('API keys', () => {
  it('are created with a secret, listed without it, and revoked', async () => {
    const created = await ok('createApiKey', { body: { name: 'CI', scope: 'check' } });
    const { key, ...shown } = created.body;
    expect(key).toMatch(/^rk_check_/);
    expect(shown.id).toMatch(uuid);
    const listed = await ok('listApiKeys', { query: { limit: 1_000 } });
    expect(listed.body.data).toContainEqual(shown);
    await ok('revokeApiKey', { params: { id: shown.id } });
    await ok('revokeApiKey', { params: { id: shown.id } });
    const after = await ok('listApiKeys', { query: { limit: 1_000 } });
    expect(after.body.data.find(({ id }) => id === shown.id)?.revoked_at).toMatch(/Z$/);
    const unknown = await call('DELETE', '/v1/api-keys/00000000-0000-4000-8000-000000000000');
    expectProblem(unknown, 'api_key_not_found');
  });

  it('of one organization see and make keys of that one', async () => {
    const { org } = await newOrganization();
    const made = await ok('createApiKey', {
      body: { name: 'tenant', scope: 'manage', organization_id: org },
    });
    const as = made.body.key;
    const own = await ok('createApiKey', { as, body: { name: 'mine', scope: 'check' } });
    expect(own.body.organization_id).toBe(org);
    const listed = await ok('listApiKeys', { as });
    expect(listed.body.data.map(({ name }) => name)).toEqual(['tenant', 'mine']);
    expectProblem(await call('DELETE', `/v1/api-keys/${api.key.id}`, { as }), 'api_key_not_found');
    const body = { name: 'theirs', scope: 'manage', organization_id: 'org-1' };
    expectProblem(await call('POST', '/v1/api-keys', { as, body }), 'organization_not_found');
  });

  it('for an organization that does not exist are not made', async () => {
    const body = { name: 'x', scope: 'check', organization_id: 'nowhere' };
    expectProblem(await call('POST', '/v1/api-keys', { body }), 'organization_not_found');
  });
});

it('the policy is shown as a role editor needs it', async () => {
  const { body } = await ok('listScopes');
  expect(body.scopes.find(({ scope }) => scope === 'project:write')).toMatchObject({
    kind: 'project',
    action: 'write',
    implies: ['project:read'],
  });
  expect(body.system_roles['member']).toContain('org:read');
  expect(JSON.stringify(body)).not.toContain('"root"');
});

it('every write answers with the revision that it raised', async () => {
  const { org } = await newOrganization();
  const params = { org };
  const revisionOf = (answer: Answer) =>
    decodeRevision(answer.headers.get('rolecall-revision') ?? '');
  const first = revisionOf(await ok('createRole', { params, body: reader }));
  expect(first.organizationId).toBe(org);
  const second = revisionOf(await ok('updateOrganization', { params, body: { name: 'Other' } }));
  expect(second.revision).toBeGreaterThan(first.revision);
  expect(second.epoch).toBe(first.epoch);
});

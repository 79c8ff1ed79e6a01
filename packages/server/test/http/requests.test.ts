import { buildApiKey, buildMember, buildOrganization } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { expectProblem, startApi } from './api.ts';

const api = await startApi();
afterAll(() => api.close());
const { call, test } = api;
const acme = await buildOrganization(test.db, { id: 'acme' });
await buildMember(test.db, 'acme', { userId: 'root', roleIds: [acme.adminRoleId] });
await buildMember(test.db, 'acme', { userId: 'alice', roleIds: [acme.memberRoleId] });
const role = { name: 'Support', grants: [] };

describe('a request that goes nowhere', () => {
  it.each(['/', '/v1', '/v1/nothing', '/v1/organizations/', '/v1/organizations/acme/nothing'])(
    'GET %s is no route',
    async (path) => {
      expectProblem(await call('GET', path), 'route_not_found');
    },
  );

  it.each([
    ['PUT', '/v1/organizations', 'POST, GET, HEAD'],
    ['POST', '/v1/organizations/acme', 'GET, HEAD, PATCH'],
    ['DELETE', '/v1/organizations/acme/check', 'POST'],
    ['OPTIONS', '/v1/organizations/acme/grants', 'POST, GET, HEAD, DELETE'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
  ])('%s %s is answered with the methods that there are', async (method, path, allow) => {
    const answer = await call(method, path);
    expectProblem(answer, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['/v1/organizations/%zz', '/v1/organizations/%ff%fe', '/%', '/v1/organizations/%c0%80'])(
    'GET %s does not break on its percent-encoding',
    async (path) => {
      expect((await call('GET', path)).status).toBe(404);
    },
  );

  it.each(['a%00b', 'a%20b', '%2A', 'x'.repeat(256)])('%s is no id', async (id) => {
    expectProblem(await call('GET', `/v1/organizations/${id}`), 'invalid_request');
  });

  it('HEAD is answered like GET without a body', async () => {
    const response = await api.fetch(new Request('http://x/healthz', { method: 'HEAD' }));
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('an API key', () => {
  it.each([
    [null, 'no API key was sent'],
    ['rk_manage_unknown', 'the API key is unknown or revoked'],
  ])('as %s is refused', async (as, detail) => {
    const answer = await call('GET', '/v1/organizations/acme', { as });
    expect(expectProblem(answer, 'unauthenticated').detail).toBe(detail);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each(['Basic abc', 'Bearer', 'Bearer a b', 'Bearer \u00e9', `Bearer ${'x'.repeat(300)}`])(
    'is not %j',
    async (authorization) => {
      const answer = await call('GET', '/v1/organizations', {
        as: null,
        headers: { authorization },
      });
      expectProblem(answer, 'unauthenticated');
    },
  );

  it('may be announced in any case', async () => {
    const headers = { authorization: `bEARER ${api.key.secret}` };
    expect((await call('GET', '/v1/scopes', { as: null, headers })).status).toBe(200);
  });

  it('stops working with the very next request after it was revoked', async () => {
    const { body } = await api.ok('createApiKey', { body: { name: 'x', scope: 'manage' } });
    expect((await call('GET', '/v1/organizations', { as: body.key })).status).toBe(200);
    expect((await call('DELETE', `/v1/api-keys/${body.id}`)).status).toBe(204);
    expectProblem(await call('GET', '/v1/organizations', { as: body.key }), 'unauthenticated');
  });

  it('with the scope `check` asks, and nothing else', async () => {
    const { secret: as } = await buildApiKey(test.db, { scope: 'check', secret: 'rk_check' });
    const check = { scope: 'project:read', resource_id: 'p1' };
    const org = '/v1/organizations/acme';
    const ask = { principal: 'user:alice' };
    const bodies = {
      check: { ...ask, checks: [check] },
      filter: { ...ask, scope: 'project:read', resource_ids: ['p1'] },
      explain: { ...ask, check },
    };
    for (const [name, body] of Object.entries(bodies)) {
      expect((await call('POST', `${org}/${name}`, { as, body })).status).toBe(200);
    }
    expect((await call('GET', '/v1/scopes', { as })).status).toBe(200);
    for (const path of ['', '/roles', '/members', '/grants', '/enforcement', '/audit-events']) {
      expectProblem(await call('GET', `${org}${path}`, { as }), 'forbidden');
    }
    expectProblem(await call('POST', `${org}/roles`, { as, body: role }), 'forbidden');
    expectProblem(await call('GET', '/v1/api-keys', { as }), 'forbidden');
  });
});

describe('a body', () => {
  const path = '/v1/organizations/acme/roles';

  it('that is not JSON is refused', async () => {
    expectProblem(await call('POST', path, { raw: '{"name": ' }), 'invalid_json');
  });

  it('must be there', async () => {
    const problem = expectProblem(await call('POST', path), 'invalid_request');
    expect(problem.problems).toEqual([{ path: 'body', message: 'is required' }]);
  });

  it('must be declared as JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    expectProblem(await call('POST', path, { raw: '{}', headers }), 'unsupported_media_type');
  });

  it('is refused over 1 MiB, with the limit in the detail', async () => {
    const raw = JSON.stringify({ ...role, description: 'x'.repeat(1024 * 1024) });
    const problem = expectProblem(await call('POST', path, { raw }), 'body_too_large');
    expect(problem.detail).toBe('the body is larger than 1048576 bytes');
  });

  it('is refused over 1 MiB when it does not say how long it is', async () => {
    const chunk = new TextEncoder().encode(' '.repeat(64 * 1024));
    const endless = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(chunk);
      },
    });
    expectProblem(await call('POST', path, { raw: endless }), 'body_too_large');
  });

  it('names every field that is wrong', async () => {
    const body = { nmae: 'x', grants: [{ scope: 'project:read', selectors: [{}] }] };
    const problem = expectProblem(await call('POST', path, { body }), 'invalid_request');
    expect(problem.problems?.map((p) => `${p.path} ${p.message}`)).toEqual([
      'name is required',
      'grants[0].selectors[0].resource_kind is required',
      'grants[0].selectors[0].resource_id is required',
      'nmae is not a known field',
    ]);
  });

  it.each(['"\\u0000"', '"\\ud800"'])('with the text %s is refused', async (text) => {
    const raw = `{"name": ${text}, "grants": []}`;
    const problem = expectProblem(await call('POST', path, { raw }), 'invalid_request');
    expect(problem.problems?.[0]?.path).toBe('name');
  });

  it('nested deeper than anything means is refused', async () => {
    const raw = `{"name": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expectProblem(await call('POST', path, { raw }), 'invalid_json');
  });
});

describe('a query', () => {
  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1e2',
    'limit=-1',
    'limit=',
    'lmit=5',
    'cursor=',
    'limit=1&limit=2',
  ])('%s is refused', async (query) => {
    expectProblem(await call('GET', `/v1/organizations/acme/members?${query}`), 'invalid_request');
  });

  it.each(['abc', 'bnVsbA', 'eyJhIjoxfQ', '%00'])('cursor=%s is none of ours', async (cursor) => {
    const answer = await call('GET', `/v1/organizations?cursor=${cursor}`);
    expectProblem(answer, 'invalid_request');
  });

  it('is refused where there is none', async () => {
    const problem = expectProblem(await call('GET', '/v1/scopes?x=1'), 'invalid_request');
    expect(problem.problems).toEqual([{ path: 'x', message: 'is not a known field' }]);
  });
});

describe('the request id', () => {
  it('is echoed, and names the request in the log and in the audit event', async () => {
    const headers = { 'X-Request-ID': 'from-the-caller-1' };
    const answer = await call('POST', '/v1/organizations/acme/roles', {
      headers,
      body: { ...role, name: 'Traced' },
    });
    expect(answer.headers.get('x-request-id')).toBe('from-the-caller-1');
    expect(api.lines.at(-1)?.fields).toMatchObject({ request_id: 'from-the-caller-1' });
    const events = await api.ok('listAuditEvents', {
      params: { org: 'acme' },
      query: { limit: 1 },
    });
    expect(events.body.data[0]).toMatchObject({ request_id: 'from-the-caller-1' });
  });

  it.each(['has spaces', 'x'.repeat(129), 'a\u00e9b'])('%j is replaced', async (id) => {
    const answer = await call('GET', '/healthz', { headers: { 'X-Request-ID': id } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('stands in every problem', async () => {
    const answer = await call('GET', '/v1/nothing');
    expect(expectProblem(answer, 'route_not_found').request_id).toBe(
      answer.headers.get('x-request-id'),
    );
  });
});

describe('Rolecall-Actor', () => {
  const org = '/v1/organizations/acme';
  const actAs = (user: string) => ({ headers: { 'Rolecall-Actor': user } });

  it('needs org:read to read', async () => {
    expect((await call('GET', `${org}/roles`, actAs('user:alice'))).status).toBe(200);
    const problem = expectProblem(await call('GET', org, actAs('user:stranger')), 'forbidden');
    expect(problem.detail).toBe('`user:stranger` does not hold `org:read` in this organization');
  });

  it('needs org:admin to write', async () => {
    const body = { ...role, name: 'By a user' };
    const asAlice = await call('POST', `${org}/roles`, { body, ...actAs('user:alice') });
    expect(expectProblem(asAlice, 'forbidden').detail).toContain('org:admin');
    const asRoot = await call('POST', `${org}/roles`, { body, ...actAs('user:root') });
    expect(asRoot.status).toBe(201);
    const { body: events } = await api.ok('listAuditEvents', { params: { org: 'acme' } });
    expect(events.data[0]).toMatchObject({ actor: 'user:root', action: 'role.created' });
  });

  it.each(['off', 'shadow'] as const)('counts while enforcement is %s', async (enforcement) => {
    const { id } = await buildOrganization(test.db, { enforcement });
    await buildMember(test.db, id, { userId: `in-${id}` });
    const answer = await call('PATCH', `/v1/organizations/${id}`, {
      body: { name: 'x' },
      ...actAs(`user:in-${id}`),
    });
    expectProblem(answer, 'forbidden');
  });

  it.each(['inactive', 'pending'] as const)('does not help an %s member', async (status) => {
    const userId = `root-${status}`;
    await buildMember(test.db, 'acme', { userId, status, roleIds: [acme.adminRoleId] });
    expectProblem(await call('GET', org, actAs(`user:${userId}`)), 'forbidden');
  });

  it.each(['alice', 'role:admin', 'api_key:1', 'user:', 'user:*', 'user:a b'])(
    '%s is refused',
    async (actor) => {
      const problem = expectProblem(await call('GET', org, actAs(actor)), 'invalid_request');
      expect(problem.problems?.[0]?.path).toBe('Rolecall-Actor');
    },
  );

  it('may be written in any script, as the bytes of UTF-8', async () => {
    await buildMember(test.db, 'acme', { userId: 'Алиса', roleIds: [acme.memberRoleId] });
    const bytes = Buffer.from('user:Алиса', 'utf8').toString('latin1');
    expect((await call('GET', org, actAs(bytes))).status).toBe(200);
    expectProblem(await call('GET', org, actAs('user:\u00ff')), 'invalid_request');
  });

  it('never creates an organization, nor touches API keys', async () => {
    const create = await call('POST', '/v1/organizations', {
      body: { name: 'Mine' },
      ...actAs('user:root'),
    });
    expectProblem(create, 'forbidden');
    expectProblem(await call('GET', '/v1/organizations', actAs('user:root')), 'forbidden');
    expectProblem(await call('GET', '/v1/api-keys', actAs('user:root')), 'forbidden');
  });

  it('never links an organization to WorkOS', async () => {
    const body = { workos_id: 'org_1' };
    expectProblem(await call('PATCH', org, { body, ...actAs('user:root') }), 'forbidden');
  });

  it('does not reveal organizations', async () => {
    const answer = await call('GET', '/v1/organizations/nowhere', actAs('user:root'));
    expectProblem(answer, 'organization_not_found');
  });
});

describe('the log', () => {
  it('has one line for every request, with ids and without contents', async () => {
    const before = api.lines.length;
    const search = 'someone%40acme.example';
    await call('GET', `/v1/organizations/acme/members?search=${search}`);
    const lines = api.lines.slice(before);
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'request',
        fields: {
          method: 'GET',
          route: '/v1/organizations/{org}/members',
          status: 200,
          duration_ms: expect.any(Number) as number,
          request_id: expect.any(String) as string,
          api_key_id: api.key.id,
          organization_id: 'acme',
        },
      },
    ]);
  });

  it('never holds a secret, an address or a body', async () => {
    const secret = 'rk_manage_not_a_real_one';
    await call('GET', '/v1/organizations', { as: secret });
    const body = { id: 'bob', email: 'bob@acme.example', name: 'Bob Bobson' };
    await call('POST', '/v1/organizations/acme/members', { body });
    await call('POST', '/v1/organizations/acme/members', { body });
    const text = JSON.stringify(api.lines);
    for (const word of [secret, api.key.secret, 'bob@acme', 'Bobson']) {
      expect(text).not.toContain(word);
    }
  });

  it('says with which code a request was refused', async () => {
    await call('GET', '/v1/organizations/nowhere');
    expect(api.lines.at(-1)?.fields).toMatchObject({ status: 404, code: 'organization_not_found' });
  });
});

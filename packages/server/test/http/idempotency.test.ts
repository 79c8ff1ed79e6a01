import { buildApiKey, buildMember, buildOrganization } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { expectProblem, startApi } from './api.ts';

const api = await startApi({ maxConnections: 12 });
afterAll(() => api.close());
const { call, ok, test } = api;
const acme = await buildOrganization(test.db, { id: 'acme' });
await buildMember(test.db, 'acme', { userId: 'root', roleIds: [acme.adminRoleId] });

const params = { org: 'acme' };
const roles = '/v1/organizations/acme/roles';
const role = (name: string) => ({ name, grants: [] });
let last = 0;

function newKey(): { readonly 'Idempotency-Key': string } {
  last += 1;
  return { 'Idempotency-Key': `key-${last}` };
}

async function roleCount(): Promise<number> {
  return (await ok('listRoles', { params })).body.total;
}

describe('a write with an Idempotency-Key', () => {
  it('takes effect once, and is answered alike: status, headers and body', async () => {
    const headers = newKey();
    const before = await roleCount();
    const first = await ok('createRole', { params, headers, body: role('Once') });
    const second = await ok('createRole', { params, headers, body: role('Once') });
    expect(await roleCount()).toBe(before + 1);
    expect(second.body).toEqual(first.body);
    for (const name of ['etag', 'location', 'rolecall-revision', 'content-type']) {
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
  });

  it('takes effect once when many duplicates arrive together', async () => {
    const headers = newKey();
    const before = await roleCount();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ok('createRole', { params, headers, body: role('Raced') })),
    );
    expect(await roleCount()).toBe(before + 1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const events = await ok('listAuditEvents', { params, query: { action: 'role.created' } });
    const created = events.body.data.filter(
      ({ subject }) => subject === answers[0]?.body.principal,
    );
    expect(created).toHaveLength(1);
  });

  it('works for PATCH, PUT and DELETE too', async () => {
    const { body } = await ok('createRole', { params, body: role('Edited') });
    const ids = { org: 'acme', role_id: body.id };
    const patch = { params: ids, headers: newKey(), body: { name: 'Edited once' } };
    expect((await ok('updateRole', patch)).body.version).toBe(2);
    expect((await ok('updateRole', patch)).body.version).toBe(2);
    expect((await ok('getRole', { params: ids })).body.version).toBe(2);
    const put = {
      params: { org: 'acme', user_id: 'root' },
      headers: newKey(),
      body: { role_ids: [acme.adminRoleId, body.id] },
    };
    expect((await ok('setMemberRoles', put)).body).toEqual((await ok('setMemberRoles', put)).body);
    const remove = { params: ids, headers: newKey() };
    expect((await ok('deleteRole', remove)).status).toBe(204);
    expect((await ok('deleteRole', remove)).status).toBe(204);
    expectProblem(await call('DELETE', `${roles}/${body.id}`), 'role_not_found');
  });

  it('answers a new API key again with its secret, which the database does not hold', async () => {
    const headers = newKey();
    const body = { name: 'kept', scope: 'check' as const };
    const first = await ok('createApiKey', { headers, body });
    const second = await ok('createApiKey', { headers, body });
    expect(second.body).toEqual(first.body);
    const rows = await test.db.selectFrom('idempotency_keys').select('response').execute();
    expect(JSON.stringify(rows)).not.toContain(first.body.key);
  });

  it('is refused with another body, another query or another precondition', async () => {
    const headers = newKey();
    await ok('createRole', { params, headers, body: role('First') });
    const other = await call('POST', roles, { headers, body: role('Second') });
    expectProblem(other, 'idempotency_key_reused');
    const { body } = await ok('createRole', { params, body: role('Matched') });
    const path = `${roles}/${body.id}`;
    const key = newKey();
    const change = { name: 'Matched again' };
    await call('PATCH', path, { headers: { ...key, 'If-Match': '"1"' }, body: change });
    const later = await call('PATCH', path, {
      headers: { ...key, 'If-Match': '"2"' },
      body: change,
    });
    expectProblem(later, 'idempotency_key_reused');
  });

  it('is tried again when it failed', async () => {
    const headers = newKey();
    const taken = await ok('createRole', { params, body: role('Taken') });
    expectProblem(await call('POST', roles, { headers, body: role('Taken') }), 'role_name_taken');
    await ok('deleteRole', { params: { org: 'acme', role_id: taken.body.id } });
    expect((await ok('createRole', { params, headers, body: role('Taken') })).status).toBe(201);
  });

  it('belongs to the API key and to the user that it was made with', async () => {
    const headers = newKey();
    const other = await buildApiKey(test.db, { secret: 'rk_manage_other' });
    const first = await ok('createRole', { params, headers, body: role('Mine') });
    const theirs = await call('POST', roles, { headers, as: other.secret, body: role('Mine') });
    expectProblem(theirs, 'role_name_taken');
    const forRoot = { ...headers, 'Rolecall-Actor': 'user:root' };
    expectProblem(
      await call('POST', roles, { headers: forRoot, body: role('Mine') }),
      'role_name_taken',
    );
    const again = await ok('createRole', { params, headers, body: role('Mine') });
    expect(again.body.id).toBe(first.body.id);
  });

  it('is not answered to a user who has lost the right since', async () => {
    await buildMember(test.db, 'acme', { userId: 'temp', roleIds: [acme.adminRoleId] });
    const headers = { ...newKey(), 'Rolecall-Actor': 'user:temp' };
    await ok('createRole', { params, headers, body: role('By temp') });
    await ok('removeMember', { params: { org: 'acme', user_id: 'temp' } });
    expectProblem(await call('POST', roles, { headers, body: role('By temp') }), 'forbidden');
  });

  it.each(['', 'two words', 'x'.repeat(256)])('is refused with the key %j', async (value) => {
    const headers = { 'Idempotency-Key': value };
    expectProblem(await call('POST', roles, { headers, body: role('x') }), 'invalid_request');
  });
});

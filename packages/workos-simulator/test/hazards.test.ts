import { WorkOS } from '@workos-inc/node';
import { describe, expect, test, vi } from 'vitest';
import { signWebhook, startSimulator } from '../src/index.ts';
import { type Json, textOf } from './json.ts';
import { type Socketless, socketless } from './socketless.ts';

/**
 * Every hazard of keeping a database equal with WorkOS that comes from outside can be made to happen.
 * What is inside of a client (its transactions, leases, caches) is named at the end.
 */

const MEMBERSHIPS = '/user_management/organization_memberships';

interface Scene extends Socketless {
  readonly organization: string;
  /** A member of the organization with role `member`. */
  readonly membership: string;
  readonly roles: string;
}

function scene(options: Parameters<typeof socketless>[0] = {}): Scene {
  const base = socketless(options);
  const organization = base.simulator.dashboard.createOrganization({ name: 'Acme' }).id;
  base.simulator.dashboard.createRole({ organization, slug: 'org-ops', name: 'Operations' });
  const membership = base.simulator.dashboard.addMember({ organization, user: 'ada@x.example' }).id;
  const roles = `/authorization/organizations/${organization}/roles`;
  return { ...base, organization, membership, roles };
}

function rolesOf(answer: { readonly body: Json }): readonly string[] {
  return (answer.body['roles'] as readonly { slug: string }[]).map((role) => role.slug);
}

/** A simulator whose webhooks are written down. */
function listening(): Scene & { readonly bodies: Json[] } {
  const bodies: Json[] = [];
  const made = scene({
    webhookUrls: ['http://rolecall.invalid'],
    webhooks: {
      deliver: ({ body }) => {
        bodies.push(JSON.parse(body) as Json);
        return Promise.resolve(200);
      },
    },
  });
  return { ...made, bodies };
}

describe('outbound', () => {
  test('O2: a write takes effect and the answer never comes', async () => {
    const { simulator, api, roles } = scene();
    simulator.faults.add({ times: 1, fault: { kind: 'drop', stage: 'after' } });
    await expect(api('POST', roles, { slug: 'org-x', name: 'X' })).rejects.toThrow('connection');
    expect((await api('GET', `${roles}/org-x`)).status).toBe(200);
  });

  test('O3: somebody else has made a role with that slug', async () => {
    const { simulator, api, roles, organization } = scene();
    simulator.dashboard.createRole({ organization, slug: 'org-x', name: 'Theirs' });
    const answer = await api('POST', roles, { slug: 'org-x', name: 'Ours' });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'organization_role_slug_conflict' },
    });
  });

  test('O4: a role cannot be deleted, because members who are pending or suspended hold it', async () => {
    const { simulator, api, roles, organization, membership } = scene();
    simulator.dashboard.changeMemberRoles({ membership, roles: ['org-ops'] });
    simulator.dashboard.suspendMember({ membership });
    simulator.dashboard.invite({ organization, email: 'new@x.example', role: 'org-ops' });
    const remove = (): ReturnType<typeof api> => api('DELETE', `${roles}/org-ops`);
    expect((await remove()).body['code']).toBe('role_has_assignments');
    await api('PUT', `${MEMBERSHIPS}/${membership}`, { role_slugs: ['member'] });
    expect((await remove()).body['code']).toBe('role_has_assignments');
    const pending = await api(
      'GET',
      `${MEMBERSHIPS}?organization_id=${organization}&statuses=pending`,
    );
    const [invited] = pending.body['data'] as readonly Json[];
    await api('PUT', `${MEMBERSHIPS}/${textOf(invited, 'id')}`, { role_slugs: ['member'] });
    expect((await remove()).status).toBe(204);
  });

  test('O5: a role cannot be deleted, because a directory group is mapped to it', async () => {
    const { simulator, api, roles, organization } = scene();
    simulator.directory.createGroup({ organization, name: 'Crew' });
    simulator.directory.mapGroup({ organization, group: 'Crew', role: 'org-ops' });
    const answer = await api('DELETE', `${roles}/org-ops`);
    expect(answer.body['code']).toBe('role_has_group_role_mappings');
  });

  test('O6: an assignment comes before its role', async () => {
    const { api, membership } = scene();
    const answer = await api('PUT', `${MEMBERSHIPS}/${membership}`, { role_slugs: ['org-later'] });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_role' } });
  });

  test('O7: the environment loses the ability to hold several roles', async () => {
    const { simulator, api, membership } = scene();
    simulator.dashboard.setMultipleRoles({ enabled: false });
    const set = { role_slugs: ['admin', 'org-ops'] };
    const answer = await api('PUT', `${MEMBERSHIPS}/${membership}`, set);
    expect(answer).toMatchObject({ status: 422, body: { code: 'multiple_roles_not_enabled' } });
  });

  test('O8: requests are limited', async () => {
    const { api, membership } = scene();
    for (let index = 0; index < 1_000; index += 1) await api('GET', `${MEMBERSHIPS}/${membership}`);
    expect((await api('GET', `${MEMBERSHIPS}/${membership}`)).status).toBe(429);
    expect((await api('GET', '/authorization/roles')).status).toBe(200);
  });

  test('O9: the service is away, and comes back', async () => {
    const { simulator, api } = scene();
    simulator.faults.outage('drop');
    await expect(api('GET', '/organizations')).rejects.toThrow('connection');
    simulator.faults.outage(null);
    expect((await api('GET', '/organizations')).status).toBe(200);
  });

  test('O10: what is to be changed or deleted is gone', async () => {
    const { simulator, api, roles, organization, membership } = scene();
    simulator.dashboard.deleteRole({ organization, slug: 'org-ops' });
    simulator.dashboard.removeMember({ membership });
    expect((await api('PATCH', `${roles}/org-ops`, { name: 'X' })).status).toBe(404);
    expect((await api('DELETE', `${roles}/org-ops`)).status).toBe(404);
    const set = { role_slugs: ['admin'] };
    expect((await api('PUT', `${MEMBERSHIPS}/${membership}`, set)).status).toBe(404);
    simulator.dashboard.deleteOrganization({ organization });
    expect((await api('GET', roles)).status).toBe(404);
  });

  test('O11: the key is revoked, or not allowed to do this', async () => {
    const { simulator, api } = scene();
    simulator.faults.revokeKey();
    expect((await api('GET', '/organizations')).status).toBe(401);
    simulator.faults.restoreKey();
    const forbidden = { kind: 'reply', status: 403, body: { message: 'Forbidden' } } as const;
    simulator.faults.add({ match: { method: 'DELETE' }, fault: forbidden });
    expect((await api('DELETE', '/organizations/x')).status).toBe(403);
  });

  test('O14, O15: a call of a worker that is believed dead lands after that of its successor', async () => {
    const { simulator, clock, api, membership } = scene();
    const path = `${MEMBERSHIPS}/${membership}`;
    simulator.faults.add({ times: 1, fault: { kind: 'late', ms: 30_000, then: 'drop' } });
    await expect(api('PUT', path, { role_slugs: ['admin'] })).rejects.toThrow('connection');
    await api('PUT', path, { role_slugs: ['org-ops'] });
    await clock.advance(30_000);
    expect(rolesOf(await api('GET', path))).toEqual(['admin']);
  });

  test('O16: of five assignments three are made', async () => {
    const { simulator, api, organization } = scene();
    const members = [1, 2, 3, 4, 5].map(
      (index) => simulator.dashboard.addMember({ organization, user: `m${index}@x.example` }).id,
    );
    simulator.faults.add({ match: { method: 'PUT' }, nth: [4, 5], fault: { kind: 'error' } });
    const statuses: number[] = [];
    for (const id of members) {
      const answer = await api('PUT', `${MEMBERSHIPS}/${id}`, { role_slugs: ['org-ops'] });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([200, 200, 200, 500, 500]);
  });

  test('O17: one thing is refused for ever, the others are not', async () => {
    const { simulator, api, roles } = scene();
    const refused = {
      kind: 'reply',
      status: 400,
      body: { code: 'bad_request', message: 'no' },
    } as const;
    simulator.faults.add({
      match: { path: '/authorization/organizations/*/roles/org-ops' },
      fault: refused,
    });
    for (let index = 0; index < 3; index += 1) {
      expect((await api('PATCH', `${roles}/org-ops`, { name: 'X' })).status).toBe(400);
    }
    expect((await api('POST', roles, { slug: 'org-y', name: 'Y' })).status).toBe(201);
  });

  test('O20: retries of the client itself are seen, with their idempotency keys', async () => {
    const simulator = await startSimulator();
    simulator.faults.add({ times: 1, fault: { kind: 'error', status: 503 } });
    const client = new WorkOS({
      apiKey: simulator.apiKey,
      apiHostname: '127.0.0.1',
      port: Number(new URL(simulator.url).port),
      https: false,
    });
    await client.organizations.createOrganization({ name: 'Twice' });
    const [first, second, ...more] = simulator.requests.list({ method: 'POST' });
    await simulator.close();
    expect(more).toEqual([]);
    expect(first?.idempotencyKey).toBe(second?.idempotencyKey);
    expect([first?.status, second?.status]).toEqual([503, 201]);
  });

  test('O21: somebody changes in the dashboard what Rolecall owns', async () => {
    const { simulator, api, roles, organization, membership } = scene();
    simulator.dashboard.renameRole({ organization, slug: 'org-ops', name: 'Theirs' });
    simulator.dashboard.changeMemberRoles({ membership, roles: ['admin'] });
    expect((await api('GET', `${roles}/org-ops`)).body['name']).toBe('Theirs');
    expect(rolesOf(await api('GET', `${MEMBERSHIPS}/${membership}`))).toEqual(['admin']);
  });

  test('O23: another environment does not know our key, and has other objects', async () => {
    const [staging, production] = [scene({ seed: 'staging' }), scene({ seed: 'production' })];
    const request = new Request('http://simulator.invalid/organizations', {
      headers: { Authorization: `Bearer ${staging.simulator.apiKey}` },
    });
    expect((await production.simulator.fetch(request)).status).toBe(401);
    const defaultRole = async ({ api }: Scene): Promise<string> =>
      textOf((await api('GET', '/authorization/roles/member')).body, 'id');
    expect(await defaultRole(staging)).not.toBe(await defaultRole(production));
  });

  test('O24: everybody is removed at once', async () => {
    const { simulator, events, organization } = scene();
    simulator.directory.importUsers({ organization, count: 40 });
    simulator.directory.deactivateAll({ organization });
    const updates = await events('organization_membership.updated');
    const gone = updates.filter((event) => (event['data'] as Json)['status'] === 'inactive');
    expect(gone).toHaveLength(40);
  });
});

describe('inbound', () => {
  test('I1: webhooks get lost, the stream has the event', async () => {
    const { simulator, clock, events, bodies } = listening();
    await clock.advance(1_000);
    bodies.length = 0;
    simulator.faults.webhooks({ drop: 1 });
    simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'Acme 2' });
    await clock.advance(60_000);
    expect(bodies).toEqual([]);
    expect(await events('organization.updated')).toHaveLength(1);
  });

  test('I2: events come twice, by webhook and in the stream', async () => {
    const { simulator, clock, events, bodies } = listening();
    await clock.advance(1_000);
    bodies.length = 0;
    simulator.faults.webhooks({ repeat: 1 });
    simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'Acme 2' });
    await clock.advance(1_000);
    expect(bodies.length).toBeGreaterThan(1);
    simulator.faults.events({ inclusiveCursor: true });
    const [event] = await events('organization.updated');
    const id = textOf(event, 'id');
    expect((await events('organization.updated', id)).map((each) => textOf(each, 'id'))).toEqual([
      id,
    ]);
  });

  test('I3: webhooks come out of order', async () => {
    const { simulator, clock, bodies } = listening();
    simulator.faults.webhooks({ reorder: 0.4 });
    for (let index = 0; index < 20; index += 1) {
      simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'tmp' });
      simulator.dashboard.renameOrganization({ organization: 'tmp', name: 'Acme' });
    }
    await clock.advance(60_000);
    const ids = bodies.map((body) => textOf(body, 'id'));
    expect(ids).not.toEqual(ids.toSorted());
  });

  test('I4, I5: our own write comes back as an event, after we have written again', async () => {
    const { simulator, clock, api, events, membership } = scene();
    simulator.faults.events({ rate: 1, ms: [5_000, 5_000] });
    const path = `${MEMBERSHIPS}/${membership}`;
    await api('PUT', path, { role_slugs: ['admin'] });
    await api('PUT', path, { role_slugs: ['org-ops'] });
    expect(await events('organization_membership.updated')).toEqual([]);
    await clock.advance(5_000);
    const [echo] = await events('organization_membership.updated');
    expect(echo?.['data']).toMatchObject({ roles: [{ slug: 'admin' }] });
    expect(rolesOf(await api('GET', path))).toEqual(['org-ops']);
  });

  test('I6: an event names an organization, a user and a role whose own events are not seen yet', async () => {
    const { simulator, events } = scene();
    simulator.dashboard.createOrganization({ name: 'Unknown' });
    simulator.dashboard.createRole({ slug: 'brand-new', name: 'New' });
    simulator.dashboard.addMember({
      organization: 'Unknown',
      user: 'stranger@x.example',
      roles: ['brand-new'],
    });
    const created = await events('organization_membership.created');
    expect(created.at(-1)?.['data']).toMatchObject({ role: { slug: 'brand-new' } });
  });

  test('I7: an updated event arrives after its object was deleted', async () => {
    const { simulator, clock, bodies, organization } = listening();
    await clock.advance(1_000);
    simulator.faults.webhooks({ delay: 1, delayMs: [10_000, 10_000] });
    simulator.dashboard.renameRole({ organization, slug: 'org-ops', name: 'Stale' });
    simulator.faults.webhooks({ delay: 0 });
    simulator.dashboard.deleteRole({ organization, slug: 'org-ops' });
    await clock.advance(20_000);
    expect(bodies.slice(-2).map((body) => body['event'])).toEqual([
      'organization_role.deleted',
      'organization_role.updated',
    ]);
  });

  test('I8: a slug is used again by another role', async () => {
    const { simulator, api, roles, organization, membership } = scene();
    simulator.dashboard.changeMemberRoles({ membership, roles: ['org-ops'] });
    const before = await api('GET', `${roles}/org-ops`);
    simulator.dashboard.recreateRole({ organization, slug: 'org-ops' });
    const after = await api('GET', `${roles}/org-ops`);
    expect(after.body['id']).not.toBe(before.body['id']);
    expect(rolesOf(await api('GET', `${MEMBERSHIPS}/${membership}`))).toEqual(['member']);
  });

  test('I9: a membership is deleted and made again with a new id', async () => {
    const { simulator, events, membership } = scene();
    const after = simulator.dashboard.recreateMember({ membership, roles: ['admin'] });
    expect(after.id).not.toBe(membership);
    const [deleted] = await events('organization_membership.deleted');
    expect(deleted?.['data']).toMatchObject({ id: membership, user_id: after['user_id'] });
  });

  test('I10: two users have one address', async () => {
    const { simulator, api, organization } = scene();
    simulator.dashboard.addMember({ organization, user: 'eve@x.example' });
    const change = { user: 'eve@x.example', email: 'ada@x.example', allowDuplicateEmail: true };
    simulator.dashboard.changeEmail(change);
    const { body } = await api('GET', '/user_management/users?email=ada@x.example');
    expect(body['data']).toHaveLength(2);
  });

  test('I11: an address that nobody has verified joins an organization', async () => {
    const { simulator, api, organization } = scene();
    const { id } = simulator.dashboard.createUser({ email: 'x@x.example', emailVerified: false });
    simulator.dashboard.addMember({ organization, user: id });
    const { body } = await api('GET', `/user_management/users/${id}`);
    expect(body['email_verified']).toBe(false);
  });

  test('I12: a directory suspends a member, whose roles are reset by an updated event', async () => {
    const { simulator, api, events, organization, membership } = scene();
    simulator.dashboard.changeMemberRoles({ membership, roles: ['admin', 'org-ops'] });
    simulator.directory.suspend({ organization, user: 'ada@x.example' });
    const last = (
      await events('organization_membership.updated,organization_membership.deleted')
    ).at(-1);
    expect(last).toMatchObject({
      event: 'organization_membership.updated',
      data: { status: 'inactive', roles: [{ slug: 'member' }] },
    });
    simulator.directory.reactivate({ organization, user: 'ada@x.example' });
    expect((await api('GET', `${MEMBERSHIPS}/${membership}`)).body['status']).toBe('active');
  });

  test('I13: a directory takes back a role that was changed by hand', async () => {
    const { simulator, api, organization } = scene();
    const person = { organization, user: 'dee@x.example' };
    const { id } = simulator.directory.provision({ organization, email: person.user });
    const path = `${MEMBERSHIPS}/${id}`;
    const changed = await api('PUT', path, { role_slugs: ['admin'] });
    expect(changed.body).toMatchObject({ directory_managed: true, role: { slug: 'admin' } });
    simulator.directory.setGroups({ ...person, groups: [] });
    expect(rolesOf(await api('GET', path))).toEqual(['member']);
  });

  test('I14: an environment role is deleted, its members follow later', async () => {
    const { simulator, clock, api, events, membership } = scene();
    simulator.dashboard.createRole({ slug: 'viewer', name: 'Viewer' });
    simulator.dashboard.changeMemberRoles({ membership, roles: ['viewer'] });
    simulator.dashboard.deleteRole({ slug: 'viewer' });
    const path = `${MEMBERSHIPS}/${membership}`;
    expect((await api('GET', '/authorization/roles/viewer')).status).toBe(404);
    expect(rolesOf(await api('GET', path))).toEqual(['viewer']);
    expect(await events('role.deleted')).toHaveLength(1);
    await clock.advance(1_000);
    expect(rolesOf(await api('GET', path))).toEqual(['member']);
  });

  test('I15: one slug means an organization role here and an environment role elsewhere', async () => {
    const { simulator, api, roles } = scene();
    simulator.dashboard.createRole({ slug: 'org-ops', name: 'Of the environment' });
    expect((await api('GET', `${roles}/org-ops`)).body['type']).toBe('OrganizationRole');
    const other = simulator.dashboard.createOrganization({ name: 'Other' }).id;
    const path = `/authorization/organizations/${other}/roles/org-ops`;
    expect((await api('GET', path)).body['type']).toBe('EnvironmentRole');
    const { body } = await api('GET', roles);
    const slugs = (body['data'] as readonly Json[]).map((role) => role['slug']);
    expect(slugs.filter((slug) => slug === 'org-ops')).toHaveLength(2);
  });

  test('I16: a directory takes the last admin away', async () => {
    const { simulator, api, organization, membership } = scene();
    simulator.dashboard.changeMemberRoles({ membership, roles: ['admin'] });
    simulator.directory.deactivate({ organization, user: 'ada@x.example' });
    const { body } = await api('GET', `${MEMBERSHIPS}?organization_id=${organization}`);
    expect(body['data']).toEqual([]);
  });

  test('I17: the cursor is older than the retention', async () => {
    const { simulator, api, events } = scene();
    const [first] = await events('organization.created');
    simulator.faults.expireEvents({ keep: 0 });
    const path = `/events?events=organization.created&after=${textOf(first, 'id')}`;
    expect((await api('GET', path)).status).toBe(400);
  });

  test('I18, I20: a list changes, or lies, while it is being read', async () => {
    const { simulator, api, organization } = scene();
    for (let index = 0; index < 30; index += 1) {
      simulator.dashboard.addMember({ organization, user: `n${index}@x.example` });
    }
    simulator.faults.add({ nth: [2], fault: { kind: 'omit', share: 0.5 } });
    const page = (after: string): ReturnType<typeof api> =>
      api('GET', `${MEMBERSHIPS}?organization_id=${organization}&limit=10${after}`);
    const first = await page('');
    const cursor = textOf(first.body['list_metadata'] as Json, 'after');
    simulator.dashboard.removeMember({ membership: cursor });
    const second = await page(`&after=${cursor}`);
    expect(second.status).toBe(200);
    expect((second.body['data'] as readonly Json[]).length).toBeLessThan(10);
  });

  test('I19: a page in the middle fails', async () => {
    const { simulator, api } = scene();
    simulator.faults.add({
      match: { method: 'GET', path: MEMBERSHIPS },
      nth: [2],
      fault: { kind: 'error', status: 502, body: 'json' },
    });
    const { organizations } = simulator.state();
    const path = `${MEMBERSHIPS}?organization_id=${textOf(organizations[0], 'id')}`;
    const statuses = [await api('GET', path), await api('GET', path), await api('GET', path)];
    expect(statuses.map((answer) => answer.status)).toEqual([200, 502, 200]);
  });

  test('I23: many events have the same time', async () => {
    const { simulator, events, organization } = scene();
    simulator.directory.importUsers({ organization, count: 20 });
    const times = (await events('user.created')).map((event) => event['created_at']);
    expect(new Set(times).size).toBe(1);
  });

  test('I24: the clock of WorkOS is wrong', async () => {
    const { simulator, clock, bodies } = listening();
    await clock.advance(1_000);
    simulator.faults.webhooks({ clockSkewMs: -240_000 });
    simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'Acme 2' });
    await clock.advance(1_000);
    expect(bodies.at(-1)?.['event']).toBe('organization.updated');
  });

  test('I25, I26: an event cannot be understood: a broken payload, an unknown type', async () => {
    const { simulator, events, organization } = scene();
    simulator.dashboard.emitEvent({
      event: 'organization_role.updated',
      data: { object: 'organization_role', slug: '' },
      organization,
    });
    simulator.dashboard.emitEvent({ event: 'galaxy.formed', data: {} });
    expect((await events('organization_role.updated')).at(-1)?.['data']).not.toHaveProperty('name');
    expect(await events('galaxy.formed')).toHaveLength(1);
  });

  test('I26: answers have fields that nobody has heard of', async () => {
    const { simulator, api, organization } = scene();
    simulator.faults.add({ fault: { kind: 'drift' } });
    const { body } = await api('GET', `/organizations/${organization}`);
    expect(body).toHaveProperty('introduced_later');
  });

  test('I27: a directory brings in thousands at once', () => {
    const { simulator, organization } = scene();
    simulator.directory.importUsers({ organization, count: 5_000 });
    expect(simulator.state().events.kept).toBeGreaterThan(15_000);
  });

  test('I28: the stream comes newest first, as its reference says', async () => {
    const { simulator, events, organization } = scene();
    simulator.directory.importUsers({ organization, count: 5 });
    simulator.faults.events({ newestFirst: true });
    const ids = (await events('user.created')).map((event) => textOf(event, 'id'));
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  test('I29: webhooks are forged, altered, or stale', async () => {
    const { webhooks } = new WorkOS('sk_test_verifier');
    const forged = '{"object":"event"}';
    const attempt = (secret: string, time: number): Promise<unknown> =>
      webhooks.constructEvent({
        payload: forged,
        sigHeader: signWebhook(forged, secret, time),
        secret: 'whsec_right',
      });
    await expect(attempt('whsec_wrong', Date.now())).rejects.toThrow();
    await expect(attempt('whsec_right', Date.now() - 200_000)).rejects.toThrow();
    const deliver = vi.fn(() => Promise.resolve(401));
    const { simulator, clock } = socketless({
      webhookUrls: ['http://rolecall.invalid'],
      webhooks: { deliver, retryDelaysMs: [] },
    });
    simulator.faults.webhooks({ tamper: 1, tampering: 'body' });
    simulator.dashboard.createOrganization({ name: 'Acme' });
    await clock.advance(1_000);
    expect(simulator.webhooks.deliveries()[0]).toMatchObject({ tampering: 'body', status: 401 });
  });

  test('I30: user events belong to no organization', async () => {
    const { api, organization } = scene();
    const path = `/events?events=user.created&organization_id=${organization}`;
    expect((await api('GET', path)).body['data']).toEqual([]);
  });
});

test('the other hazards are inside of the client, and not for WorkOS to cause', () => {
  const inside = {
    O1: 'a crash between commit and push',
    O12: 'what one worker coalesces',
    O13: 'the order in which one organization is drained',
    O18: 'the order of pushes',
    O19: 'the growth of the outbox',
    O22: 'a restored database',
    I21: 'two consumers of one cursor',
    I22: 'a cursor that moves before its effects',
    L: 'locks, caches, replicas and notifications of the database',
  };
  expect(Object.keys(inside)).toHaveLength(9);
});

import type { WorkOS } from '@workos-inc/node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../src/index.ts';
import { call, clientOf, start, validator } from './harness.ts';

let simulator: Simulator;
let workos: WorkOS;

beforeAll(async () => {
  simulator = await start();
  workos = clientOf(simulator);
});

/** What the client throws for an answer that is not a success. */
function refusal(status: number, code?: string): object {
  return expect.objectContaining(code === undefined ? { status } : { status, code }) as object;
}

/** A 400 reaches the caller as a generic error; its body is in `rawData`. */
function badRequest(code: string): object {
  return expect.objectContaining({
    status: 400,
    rawData: expect.objectContaining({ code }) as object,
  }) as object;
}

async function organization(name = 'Acme'): Promise<string> {
  return (await workos.organizations.createOrganization({ name })).id;
}

async function user(email = `${crypto.randomUUID()}@acme.example`): Promise<string> {
  return (await workos.userManagement.createUser({ email })).id;
}

async function member(organizationId: string, roleSlugs?: string[]): Promise<string> {
  const userId = await user();
  const made = await workos.userManagement.createOrganizationMembership({
    organizationId,
    userId,
    ...(roleSlugs ? { roleSlugs } : {}),
  });
  return made.id;
}

describe('organizations', () => {
  test('are created, read, changed and deleted', async () => {
    const made = await workos.organizations.createOrganization({
      name: 'Initech',
      externalId: 'initech-1',
      metadata: { tier: 'gold' },
      domainData: [{ domain: 'initech.example', state: 'verified' as never }],
    });
    expect(made).toMatchObject({ name: 'Initech', externalId: 'initech-1' });
    expect(await workos.organizations.getOrganization(made.id)).toEqual(made);
    expect(await workos.organizations.getOrganizationByExternalId('initech-1')).toEqual(made);
    const renamed = await workos.organizations.updateOrganization({
      organization: made.id,
      name: 'Initrode',
      metadata: { tier: 'silver', region: 'eu' },
    });
    expect(renamed).toMatchObject({ name: 'Initrode', metadata: { tier: 'silver', region: 'eu' } });
    await workos.organizations.deleteOrganization(made.id);
    await expect(workos.organizations.getOrganization(made.id)).rejects.toEqual(refusal(404));
    await expect(workos.organizations.deleteOrganization(made.id)).rejects.toEqual(refusal(404));
  });

  test('keep metadata by key, and drop a key that is emptied', async () => {
    const id = await organization();
    await workos.organizations.updateOrganization({
      organization: id,
      metadata: { rolecall: 'marker', other: 'kept' },
    });
    const changed = await workos.organizations.updateOrganization({
      organization: id,
      metadata: { rolecall: '' },
    });
    expect(changed.metadata).toEqual({ other: 'kept' });
  });

  test('refuse metadata and external ids that are not allowed', async () => {
    const id = await organization();
    await expect(
      workos.organizations.updateOrganization({
        organization: id,
        metadata: { long: 'x'.repeat(601) },
      }),
    ).rejects.toEqual(badRequest('invalid_metadata'));
    await workos.organizations.createOrganization({ name: 'Holder', externalId: 'taken' });
    await expect(
      workos.organizations.updateOrganization({ organization: id, externalId: 'taken' }),
    ).rejects.toEqual(badRequest('external_id_already_used'));
    await expect(workos.organizations.createOrganization({ name: ' ' })).rejects.toEqual(
      refusal(422),
    );
  });

  test('are found by name and by domain', async () => {
    await workos.organizations.createOrganization({
      name: 'Vandelay Industries',
      domainData: [{ domain: 'vandelay.example', state: 'verified' as never }],
    });
    const byName = await call(simulator, 'GET', '/organizations?search=vandel');
    expect(byName.body['data']).toHaveLength(1);
    const byDomain = await workos.organizations.listOrganizations({
      domains: ['vandelay.example', 'nobody.example'],
    });
    expect(byDomain.data.map((found) => found.name)).toEqual(['Vandelay Industries']);
    await expect(
      workos.organizations.createOrganization({
        name: 'Impostor',
        domainData: [{ domain: 'vandelay.example', state: 'verified' as never }],
      }),
    ).rejects.toEqual(refusal(409));
  });
});

describe('users', () => {
  test('are created, read, changed and deleted', async () => {
    const made = await workos.userManagement.createUser({
      email: 'Jane@Acme.example',
      firstName: 'Jane',
      lastName: 'Öz',
      externalId: 'jane-1',
    });
    expect(await workos.userManagement.getUser(made.id)).toEqual(made);
    expect(await workos.userManagement.getUserByExternalId('jane-1')).toEqual(made);
    const changed = await workos.userManagement.updateUser({
      userId: made.id,
      firstName: 'Janet',
      externalId: 'jane-2',
    });
    expect(changed).toMatchObject({ firstName: 'Janet', lastName: 'Öz', externalId: 'jane-2' });
    await workos.userManagement.deleteUser(made.id);
    await expect(workos.userManagement.getUser(made.id)).rejects.toEqual(refusal(404));
  });

  test('have one address and one external id each', async () => {
    const first = await workos.userManagement.createUser({
      email: 'only@acme.example',
      externalId: 'only-1',
    });
    await expect(
      workos.userManagement.createUser({ email: 'ONLY@acme.example' }),
    ).rejects.toMatchObject({
      code: 'user_creation_error',
      errors: [{ code: 'email_not_available' }],
    });
    const second = await user();
    await expect(
      workos.userManagement.updateUser({ userId: second, externalId: 'only-1' }),
    ).rejects.toEqual(badRequest('external_id_already_used'));
    await expect(
      workos.userManagement.updateUser({ userId: second, email: 'only@acme.example' }),
    ).rejects.toEqual(badRequest('email_not_available'));
    const path = `/user_management/users/${first.id}`;
    const cleared = await call(simulator, 'PUT', path, { external_id: null });
    expect(cleared.body['external_id']).toBeNull();
  });

  test('are listed by organization and by address', async () => {
    const organizationId = await organization();
    const membershipId = await member(organizationId);
    const { userId } = await workos.userManagement.getOrganizationMembership(membershipId);
    await user();
    const members = await workos.userManagement.listUsers({ organizationId });
    expect(members.data.map((one) => one.id)).toEqual([userId]);
    const { email } = await workos.userManagement.getUser(userId);
    const byEmail = await workos.userManagement.listUsers({ email: email.toUpperCase() });
    expect(byEmail.data.map((one) => one.id)).toEqual([userId]);
    const none = await workos.userManagement.listUsers({ email, organizationId: 'org_none' });
    expect(none.data).toEqual([]);
  });
});

describe('roles', () => {
  test('of an organization are created, read, changed and deleted', async () => {
    const organizationId = await organization();
    const made = await workos.authorization.createOrganizationRole(organizationId, {
      slug: 'org-billing',
      name: 'Rechnungsprüfer für Größeres',
      description: 'Reads invoices',
    });
    expect(made).toMatchObject({ slug: 'org-billing', type: 'OrganizationRole', permissions: [] });
    const renamed = await workos.authorization.updateOrganizationRole(
      organizationId,
      'org-billing',
      {
        name: 'Billing',
        description: 'Reads and pays',
      },
    );
    expect(renamed).toMatchObject({ id: made.id, name: 'Billing', description: 'Reads and pays' });
    const listed = await workos.authorization.listOrganizationRoles(organizationId);
    expect(listed.data.map((role) => role.slug)).toEqual(['admin', 'member', 'org-billing']);
    await workos.authorization.deleteOrganizationRole(organizationId, 'org-billing');
    await expect(
      workos.authorization.getOrganizationRole(organizationId, 'org-billing'),
    ).rejects.toEqual(refusal(404));
  });

  test('keep to the limits of slug, name and description', async () => {
    const id = await organization();
    const create = (role: {
      slug?: string;
      name: string;
      description?: string;
    }): Promise<unknown> => workos.authorization.createOrganizationRole(id, role);
    await expect(create({ slug: 'billing', name: 'Billing' })).rejects.toEqual(
      badRequest('bad_request'),
    );
    await expect(create({ slug: `org-${'x'.repeat(45)}`, name: 'Long' })).rejects.toEqual(
      refusal(422),
    );
    await expect(create({ slug: 'org-a', name: 'ж'.repeat(49) })).rejects.toEqual(refusal(422));
    await expect(
      create({ slug: 'org-a', name: 'A', description: 'd'.repeat(151) }),
    ).rejects.toEqual(refusal(422));
    expect(await create({ slug: 'org-a', name: '𝒜'.repeat(48) })).toMatchObject({ slug: 'org-a' });
    expect(await create({ name: 'Ops & Co' })).toMatchObject({
      slug: expect.stringMatching(/^org-ops-co-[a-z0-9]{6}$/) as string,
    });
  });

  test('of one organization have different slugs', async () => {
    const id = await organization();
    const role = { slug: 'org-billing', name: 'Billing' };
    await workos.authorization.createOrganizationRole(id, role);
    await expect(workos.authorization.createOrganizationRole(id, role)).rejects.toEqual(
      refusal(409, 'organization_role_slug_conflict'),
    );
    const elsewhere = await organization();
    await workos.authorization.createOrganizationRole(elsewhere, role);
    await expect(
      workos.authorization.createEnvironmentRole({ slug: 'admin', name: 'Again' }),
    ).rejects.toEqual(refusal(409, 'role_slug_conflict'));
  });

  test('cannot be deleted while anybody holds them, suspended members included', async () => {
    const id = await organization();
    await workos.authorization.createOrganizationRole(id, { slug: 'org-x', name: 'X' });
    const membershipId = await member(id, ['org-x']);
    await workos.userManagement.deactivateOrganizationMembership(membershipId);
    const remove = (): Promise<void> => workos.authorization.deleteOrganizationRole(id, 'org-x');
    await expect(remove()).rejects.toEqual(refusal(409, 'role_has_assignments'));
    await workos.userManagement.updateOrganizationMembership(membershipId, { roleSlug: 'member' });
    await remove();
    await expect(remove()).rejects.toEqual(refusal(404));
  });

  test('cannot be deleted while a directory group is mapped to them', async () => {
    const id = await organization();
    await workos.authorization.createOrganizationRole(id, { slug: 'org-y', name: 'Y' });
    simulator.directory.createGroup({ organization: id, name: 'Crew' });
    simulator.directory.mapGroup({ organization: id, group: 'Crew', role: 'org-y' });
    await expect(workos.authorization.deleteOrganizationRole(id, 'org-y')).rejects.toEqual(
      refusal(409, 'role_has_group_role_mappings'),
    );
  });

  test('of the environment are created, listed, read and changed', async () => {
    const made = await workos.authorization.createEnvironmentRole({
      slug: 'viewer',
      name: 'Viewer',
    });
    expect(made.type).toBe('EnvironmentRole');
    const changed = await workos.authorization.updateEnvironmentRole('viewer', { name: 'Guest' });
    expect(await workos.authorization.getEnvironmentRole('viewer')).toEqual(changed);
    const { data } = await workos.authorization.listEnvironmentRoles();
    expect(data.map((role) => role.slug)).toEqual(['admin', 'member', 'viewer']);
  });

  test('of an organization shadow those of the environment with the same slug', async () => {
    const id = await organization();
    simulator.dashboard.createRole({ slug: 'org-twin', name: 'Of the environment' });
    expect((await workos.authorization.getOrganizationRole(id, 'org-twin')).name).toBe(
      'Of the environment',
    );
    await workos.authorization.createOrganizationRole(id, { slug: 'org-twin', name: 'Own' });
    expect((await workos.authorization.getOrganizationRole(id, 'org-twin')).name).toBe('Own');
  });
});

describe('memberships', () => {
  test('begin active with the default role', async () => {
    const made = await workos.userManagement.getOrganizationMembership(
      await member(await organization()),
    );
    expect(made).toMatchObject({
      status: 'active',
      directoryManaged: false,
      role: { slug: 'member' },
      roles: [{ slug: 'member' }],
    });
  });

  test('hold several roles, the most important one first', async () => {
    const id = await organization();
    await workos.authorization.createOrganizationRole(id, { slug: 'org-a', name: 'A' });
    const membershipId = await member(id, ['org-a', 'member', 'admin', 'admin']);
    const made = await workos.userManagement.getOrganizationMembership(membershipId);
    expect(made.role.slug).toBe('admin');
    expect(made.roles?.map((role) => role.slug)).toEqual(['admin', 'member', 'org-a']);
    const changed = await workos.userManagement.updateOrganizationMembership(membershipId, {
      roleSlugs: ['org-a'],
    });
    expect(changed.roles).toEqual([{ slug: 'org-a' }]);
  });

  test('refuse roles that are not there, and none at all', async () => {
    const id = await organization();
    const membershipId = await member(id);
    const update = (roleSlugs: string[]): Promise<unknown> =>
      workos.userManagement.updateOrganizationMembership(membershipId, { roleSlugs });
    await expect(update(['org-nowhere'])).rejects.toEqual(refusal(422, 'invalid_role'));
    await expect(update([])).rejects.toEqual(refusal(422, 'invalid_request_parameters'));
    const both = await call(
      simulator,
      'PUT',
      `/user_management/organization_memberships/${membershipId}`,
      { role_slug: 'admin', role_slugs: ['admin'] },
    );
    expect(both.status).toBe(422);
  });

  test('hold one role only where several are not enabled', async () => {
    const single = await start({ multipleRoles: false });
    const client = clientOf(single);
    const { id } = await client.organizations.createOrganization({ name: 'Single' });
    const { id: userId } = await client.userManagement.createUser({ email: 'a@single.example' });
    const create = (roleSlugs: string[]): Promise<unknown> =>
      client.userManagement.createOrganizationMembership({ organizationId: id, userId, roleSlugs });
    await expect(create(['admin', 'member'])).rejects.toEqual(
      refusal(422, 'multiple_roles_not_enabled'),
    );
    expect(await create(['admin'])).toMatchObject({ role: { slug: 'admin' } });
    single.dashboard.setMultipleRoles({ enabled: true });
    const membership = await client.userManagement.listOrganizationMemberships({ userId });
    const [first] = membership.data;
    const changed = await client.userManagement.updateOrganizationMembership(first?.id ?? '', {
      roleSlugs: ['admin', 'member'],
    });
    expect(changed.roles).toHaveLength(2);
  });

  test('are suspended and let in again with the roles they had', async () => {
    const membershipId = await member(await organization(), ['admin']);
    const suspended = await workos.userManagement.deactivateOrganizationMembership(membershipId);
    expect(suspended).toMatchObject({ status: 'inactive', role: { slug: 'admin' } });
    const back = await workos.userManagement.reactivateOrganizationMembership(membershipId);
    expect(back).toMatchObject({ status: 'active', role: { slug: 'admin' } });
  });

  test('are one for each user and organization; creating an inactive one again activates it', async () => {
    const organizationId = await organization();
    const id = await member(organizationId, ['admin']);
    const { userId } = await workos.userManagement.getOrganizationMembership(id);
    const create = (): Promise<{ id: string; status: string; role: { slug: string } }> =>
      workos.userManagement.createOrganizationMembership({ organizationId, userId });
    await expect(create()).rejects.toEqual(refusal(422, 'invalid_request_parameters'));
    await workos.userManagement.deactivateOrganizationMembership(id);
    expect(await create()).toMatchObject({ id, status: 'active', role: { slug: 'member' } });
    await workos.userManagement.deleteOrganizationMembership(id);
    expect((await create()).id).not.toBe(id);
  });

  test('are listed by organization, user and status', async () => {
    const organizationId = await organization();
    const [active, inactive] = [await member(organizationId), await member(organizationId)];
    await workos.userManagement.deactivateOrganizationMembership(inactive);
    simulator.dashboard.invite({ organization: organizationId, email: 'new@acme.example' });
    const list = async (
      options: Parameters<typeof workos.userManagement.listOrganizationMemberships>[0],
    ): Promise<readonly string[]> => {
      const { data } = await workos.userManagement.listOrganizationMemberships(options);
      return data.map((one) => one.id);
    };
    expect(await list({ organizationId })).toEqual([active]);
    expect(await list({ organizationId, statuses: ['inactive'] })).toEqual([inactive]);
    const all = await list({ organizationId, statuses: ['active', 'inactive', 'pending'] });
    expect(all).toHaveLength(3);
    const { userId } = await workos.userManagement.getOrganizationMembership(inactive);
    expect(await list({ userId, statuses: ['inactive'] })).toEqual([inactive]);
    expect(await list({ userId, organizationId, statuses: ['inactive'] })).toEqual([inactive]);
    expect(await list({ userId, organizationId })).toEqual([]);
  });

  test('are not listed without an organization or a user, nor for unknown ones', async () => {
    const path = '/user_management/organization_memberships';
    const bare = await call(simulator, 'GET', path);
    expect(bare).toMatchObject({
      status: 400,
      body: { code: 'missing_user_id_or_organization_id' },
    });
    expect((await call(simulator, 'GET', `${path}?organization_id=org_none`)).status).toBe(404);
    expect((await call(simulator, 'GET', `${path}?user_id=user_none`)).status).toBe(404);
    expect((await call(simulator, 'GET', `${path}?user_id=a&statuses=asleep`)).status).toBe(422);
  });

  test('are walked through by the pages of the client', async () => {
    const organizationId = await organization();
    const made = [];
    for (let index = 0; index < 7; index += 1) made.push(await member(organizationId));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: { data: { id: string }[]; listMetadata: { after?: string | null } } =
        await workos.userManagement.listOrganizationMemberships({
          organizationId,
          limit: 3,
          ...(after === null ? {} : { after }),
        });
      seen.push(...page.data.map((one) => one.id));
      after = page.listMetadata.after ?? null;
    } while (after !== null);
    expect(seen).toEqual(made.toReversed());
  });
});

describe('invitations', () => {
  test('make a pending membership that accepting activates', async () => {
    const organizationId = await organization();
    const invitation = await workos.userManagement.sendInvitation({
      email: 'guest@acme.example',
      organizationId,
      roleSlug: 'admin',
    });
    const pending = await workos.userManagement.listOrganizationMemberships({
      organizationId,
      statuses: ['pending'],
    });
    const [membership] = pending.data;
    expect(membership).toMatchObject({ status: 'pending', role: { slug: 'admin' } });
    const id = membership?.id ?? '';
    await expect(workos.userManagement.deactivateOrganizationMembership(id)).rejects.toEqual(
      badRequest('cannot_deactivate_pending_organization_membership'),
    );
    await expect(workos.userManagement.reactivateOrganizationMembership(id)).rejects.toEqual(
      badRequest('cannot_reactivate_pending_organization_membership'),
    );
    expect(await workos.userManagement.findInvitationByToken(invitation.token)).toEqual(invitation);
    expect(await workos.userManagement.getInvitation(invitation.id)).toEqual(invitation);
    await workos.userManagement.acceptInvitation(invitation.id);
    expect(await workos.userManagement.getOrganizationMembership(id)).toMatchObject({
      status: 'active',
      role: { slug: 'admin' },
    });
    await expect(workos.userManagement.acceptInvitation(invitation.id)).rejects.toEqual(
      badRequest('invite_not_pending'),
    );
  });

  test('take the pending membership with them when revoked', async () => {
    const organizationId = await organization();
    const invitation = await workos.userManagement.sendInvitation({
      email: 'never@acme.example',
      organizationId,
    });
    await expect(
      workos.userManagement.sendInvitation({ email: 'never@acme.example', organizationId }),
    ).rejects.toEqual(badRequest('email_already_invited_to_organization'));
    await workos.userManagement.revokeInvitation(invitation.id);
    const left = await workos.userManagement.listOrganizationMemberships({
      organizationId,
      statuses: ['pending'],
    });
    expect(left.data).toEqual([]);
    const listed = await workos.userManagement.listInvitations({ organizationId });
    expect(listed.data.map((one) => one.state)).toEqual(['revoked']);
  });
});

describe('events', () => {
  test('need to be named, and know one starting point only', async () => {
    const bare = await call(simulator, 'GET', '/events');
    expect(bare).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'required', field: 'events' }] },
    });
    const two = await call(
      simulator,
      'GET',
      '/events?events=user.created&after=event_1&range_start=2026-01-01T00:00:00Z',
    );
    expect(two).toMatchObject({ status: 422, body: { errors: [{ field: 'range_start' }] } });
    const many = await call(simulator, 'GET', '/events?events=user.created&limit=101');
    expect(many.status).toBe(422);
  });

  test('come oldest first whatever the order, ten by default', async () => {
    for (let index = 0; index < 12; index += 1) await user();
    const orders = await Promise.all(
      (['asc', 'desc', undefined] as const).map(async (order) => {
        const page = await workos.events.listEvents({
          events: ['user.created'],
          ...(order ? { order } : {}),
        });
        return page.data.map((event) => event.id);
      }),
    );
    const [first] = orders;
    expect(first).toHaveLength(10);
    expect(first).toEqual(first?.toSorted());
    expect(orders[1]).toEqual(first);
    expect(orders[2]).toEqual(first);
  });

  test('go on after a cursor, without a gap or a repetition', async () => {
    const all = simulator.state({ events: true }).events.all ?? [];
    const wanted = all.filter((event) => String(event['event']).startsWith('user.'));
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await workos.events.listEvents({
        events: ['user.created', 'user.updated', 'user.deleted'],
        limit: 4,
        ...(after === undefined ? {} : { after }),
      });
      seen.push(...page.data.map((event) => event.id));
      if (!page.listMetadata.after) break;
      after = page.listMetadata.after;
    }
    expect(seen).toEqual(wanted.map((event) => event['id']));
  });

  test('of an organization do not include those of users', async () => {
    const organizationId = await organization();
    await member(organizationId);
    const page = await workos.events.listEvents({
      events: ['user.created', 'organization_membership.created', 'organization.created'],
      organizationId,
    });
    expect(page.data.map((event) => event.event)).toEqual([
      'organization.created',
      'organization_membership.created',
    ]);
    await expect(
      workos.events.listEvents({ events: ['user.created'], organizationId: 'org_none' }),
    ).rejects.toEqual(refusal(400));
  });

  test('carry the roles of a membership and the text of an organization role', async () => {
    const organizationId = await organization();
    await workos.authorization.createOrganizationRole(organizationId, {
      slug: 'org-z',
      name: 'Zed',
    });
    await member(organizationId, ['org-z', 'admin']);
    const page = await workos.events.listEvents({
      events: ['organization_role.created', 'organization_membership.created'],
      organizationId,
    });
    expect(page.data.map((event) => event.data)).toMatchObject([
      { slug: 'org-z', name: 'Zed', organizationId },
      { role: { slug: 'admin' }, roles: [{ slug: 'admin' }, { slug: 'org-z' }] },
    ]);
  });
});

describe('keys', () => {
  test('are needed', async () => {
    const stranger = clientOf(simulator, { apiKey: 'sk_test_wrong' });
    await expect(stranger.organizations.listOrganizations()).rejects.toEqual(refusal(401));
    const response = await fetch(`${simulator.url}/organizations`);
    expect(response.status).toBe(401);
    expect(response.headers.get('x-request-id')).toMatch(/^req_\d+$/);
  });
});

test('requests that are malformed are refused, and unknown paths are not there', async () => {
  const response = await fetch(`${simulator.url}/organizations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${simulator.apiKey}` },
    body: '{"name":',
  });
  expect(response.status).toBe(422);
  const unobserved = await start({ observe: undefined });
  expect((await call(unobserved, 'GET', '/nowhere')).status).toBe(404);
});

test('every operation of the simulator was compared with the published document', () => {
  const operations = new Set(validator.covered().map((entry) => entry.replace(/ \d+$/, '')));
  expect([...operations].toSorted()).toMatchInlineSnapshot(`
    [
      "DELETE /authorization/organizations/{organizationId}/roles/{slug}",
      "DELETE /organizations/{id}",
      "DELETE /user_management/organization_memberships/{id}",
      "DELETE /user_management/users/{id}",
      "GET /authorization/organizations/{organizationId}/roles",
      "GET /authorization/organizations/{organizationId}/roles/{slug}",
      "GET /authorization/roles",
      "GET /authorization/roles/{slug}",
      "GET /events",
      "GET /organizations",
      "GET /organizations/external_id/{external_id}",
      "GET /organizations/{id}",
      "GET /user_management/invitations",
      "GET /user_management/invitations/by_token/{token}",
      "GET /user_management/invitations/{id}",
      "GET /user_management/organization_memberships",
      "GET /user_management/organization_memberships/{id}",
      "GET /user_management/users",
      "GET /user_management/users/external_id/{external_id}",
      "GET /user_management/users/{id}",
      "PATCH /authorization/organizations/{organizationId}/roles/{slug}",
      "PATCH /authorization/roles/{slug}",
      "POST /authorization/organizations/{organizationId}/roles",
      "POST /authorization/roles",
      "POST /organizations",
      "POST /user_management/invitations",
      "POST /user_management/invitations/{id}/accept",
      "POST /user_management/invitations/{id}/revoke",
      "POST /user_management/organization_memberships",
      "POST /user_management/users",
      "PUT /organizations/{id}",
      "PUT /user_management/organization_memberships/{id}",
      "PUT /user_management/organization_memberships/{id}/deactivate",
      "PUT /user_management/organization_memberships/{id}/reactivate",
      "PUT /user_management/users/{id}",
    ]
  `);
});

import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RemoteMembership } from '../index.ts';
import { openUngatedPort, type UngatedPort } from './ungated-port.ts';

let simulator: Simulator;
let ungated: UngatedPort;
let organizationId: string;
beforeEach(async () => {
  simulator = await startSimulator();
  ungated = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: simulator.url });
  organizationId = simulator.dashboard.createOrganization({ name: 'Acme' }).id;
});
afterEach(async () => {
  ungated.close();
  await simulator.close();
});

const addMembers = (count: number): void => {
  for (let made = 0; made < count; made += 1) {
    simulator.dashboard.addMember({ organization: 'Acme', user: `u${made}@acme.example` });
  }
};
const LIST = { path: '/user_management/organization_memberships' };

async function collect(
  onItem: (membership: RemoteMembership) => void = () => undefined,
  onUnreadable?: (remoteId: string) => void,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const options = onUnreadable && { onUnreadable };
  for await (const membership of ungated.port.allMemberships({ organizationId }, options)) {
    ids.push(membership.remoteId);
    onItem(membership);
  }
  return ids;
}

describe('INVARIANT (complete listing)', () => {
  it('lists more than one page, in pages of a hundred, whatever the status', async () => {
    addMembers(230);
    simulator.dashboard.suspendMember({ organization: 'Acme', user: 'u7@acme.example' });
    simulator.dashboard.invite({ organization: 'Acme', email: 'new@acme.example' });
    const statuses = new Set<string>();
    const ids = await collect((membership) => statuses.add(membership.status));
    const expected = simulator.state().organization_memberships.map((one) => String(one['id']));
    expect([...ids].sort()).toEqual([...expected].sort());
    expect([...statuses].sort()).toEqual(['active', 'inactive', 'pending']);
    expect(simulator.requests.list(LIST)).toHaveLength(3);
  });

  it.each([1, 2, 3])('fails as a whole when page %i fails', async (page) => {
    addMembers(230);
    simulator.faults.add({ match: LIST, nth: [page], fault: { kind: 'error', status: 500 } });
    await expect(collect()).rejects.toMatchObject({ kind: 'unavailable', code: 'server_error' });
  });

  it('sees what is created while it lists', async () => {
    addMembers(150);
    let added = false;
    const ids = await collect(() => {
      if (!added)
        simulator.dashboard.addMember({ organization: 'Acme', user: 'late@acme.example' });
      added = true;
    });
    expect(ids).toHaveLength(151);
    expect(new Set(ids).size).toBe(151);
  });

  it('does not miss others when some are deleted while it lists', async () => {
    addMembers(230);
    let deleted = 0;
    const ids = await collect(() => {
      if (deleted < 50) {
        simulator.dashboard.removeMember({
          organization: 'Acme',
          user: `u${deleted}@acme.example`,
        });
      }
      deleted += 1;
    });
    const left = simulator.state().organization_memberships.map((one) => String(one['id']));
    expect(left).toHaveLength(180);
    expect(left.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('stops loudly when a page leads to itself', async () => {
    addMembers(1);
    const body = { data: [], list_metadata: { before: null, after: 'om_1' } };
    simulator.faults.add({ match: LIST, fault: { kind: 'reply', status: 200, body } });
    await expect(collect()).rejects.toMatchObject({ kind: 'malformed', code: 'listing_stuck' });
  });
});

describe('an item that cannot be read', () => {
  const good = {
    id: 'om_good',
    organization_id: 'org_1',
    user_id: 'user_1',
    status: 'active',
    role: { slug: 'member' },
    directory_managed: false,
    updated_at: '2026-01-01T00:00:00.000Z',
  };
  const answer = (...data: readonly unknown[]): void => {
    const body = { data, list_metadata: { before: null, after: null } };
    simulator.faults.add({ match: LIST, fault: { kind: 'reply', status: 200, body } });
  };

  it('fails the list, so that it does not look absent', async () => {
    answer(good, { ...good, id: 'om_bad', status: 'sleeping' });
    await expect(collect()).rejects.toMatchObject({ code: 'unexpected_answer' });
  });

  it('is named to a caller who wants to know', async () => {
    answer({ ...good, id: 'om_bad', status: 'sleeping' }, good);
    const unreadable: string[] = [];
    expect(await collect(undefined, (id) => unreadable.push(id))).toEqual(['om_good']);
    expect(unreadable).toEqual(['om_bad']);
  });

  it('fails the list even so when it has no id', async () => {
    answer(good, { status: 'sleeping' });
    await expect(collect(undefined, () => undefined)).rejects.toMatchObject({
      code: 'unexpected_answer',
    });
  });

  it('is still a membership when only its embedded profile is odd', async () => {
    answer({ ...good, user: { id: 7 } });
    const found: RemoteMembership[] = [];
    await collect((membership) => found.push(membership));
    expect(found).toMatchObject([{ remoteId: 'om_good', user: null }]);
  });

  it('says that it does not know the other roles when only one is shown', async () => {
    answer(good, { ...good, id: 'om_2', roles: [{ slug: 'member' }, { slug: 'admin' }] });
    const found: RemoteMembership[] = [];
    await collect((membership) => found.push(membership));
    expect(found).toMatchObject([
      { roleSlugs: ['member'], rolesListed: false },
      { roleSlugs: ['admin', 'member'], rolesListed: true },
    ]);
  });
});

describe('lists of roles', () => {
  const role = {
    object: 'role',
    id: 'role_1',
    slug: 'org-a',
    name: 'A',
    description: null,
    type: 'OrganizationRole',
    resource_type_slug: 'organization',
    permissions: [],
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
  };
  const answer = (body: unknown): void => {
    simulator.faults.add({ fault: { kind: 'reply', status: 200, body } });
  };

  it('leave out roles for things inside an organization', async () => {
    answer({ data: [role, { ...role, id: 'role_2', resource_type_slug: 'project' }] });
    const roles = await ungated.port.listRoles(organizationId);
    expect(roles.map((one) => one.remoteId)).toEqual(['role_1']);
  });

  it('are refused when they turn out to have pages', async () => {
    answer({ data: [role], list_metadata: { before: null, after: 'role_1' } });
    await expect(ungated.port.listRoles(organizationId)).rejects.toMatchObject({
      code: 'unexpected_answer',
    });
  });
});

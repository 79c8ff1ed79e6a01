import { beforeEach, describe, expect, test } from 'vitest';
import {
  createManualClock,
  createSimulator,
  type ManualClock,
  type SimulatorHandler,
} from '../src/index.ts';
import { without } from './json.ts';
import { createOpenApiValidator } from './openapi-validator.ts';

const validator = createOpenApiValidator();

let simulator: SimulatorHandler;
let clock: ManualClock;
const ACME = 'Acme';

beforeEach(() => {
  clock = createManualClock();
  simulator = createSimulator({ clock });
  simulator.dashboard.createOrganization({ name: ACME });
  simulator.dashboard.createRole({ organization: ACME, slug: 'org-ops', name: 'Operations' });
});

function addMember(user: string, ...roles: string[]): string {
  return simulator.dashboard.addMember({
    organization: ACME,
    user,
    ...(roles.length > 0 ? { roles } : {}),
  }).id;
}

function membership(id: string): Readonly<Record<string, unknown>> | undefined {
  return simulator.state().organization_memberships.find((one) => one['id'] === id);
}

/** The types of the latest events; every event so far is compared with the document. */
function latest(count: number): readonly unknown[] {
  const events = simulator.state({ events: true }).events.all ?? [];
  for (const event of events) {
    expect(validator.checkEvent(without(event, 'organization_id', 'visible'))).toEqual([]);
  }
  return events.slice(-count).map((event) => event['event']);
}

describe('in the dashboard a person', () => {
  test('renames an organization and a role', () => {
    simulator.dashboard.renameOrganization({ organization: ACME, name: 'Acme AG' });
    simulator.dashboard.renameRole({ organization: 'Acme AG', slug: 'org-ops', name: 'Ops' });
    expect(latest(2)).toEqual(['organization.updated', 'organization_role.updated']);
    expect(simulator.state().roles.at(-1)).toMatchObject({ slug: 'org-ops', name: 'Ops' });
  });

  test('deletes a role that members hold: they fall back to the default', () => {
    const one = addMember('one@acme.example', 'org-ops');
    const two = addMember('two@acme.example', 'admin', 'org-ops');
    simulator.dashboard.deleteRole({ organization: ACME, slug: 'org-ops' });
    expect(membership(one)).toMatchObject({ roles: [{ slug: 'member' }] });
    expect(membership(two)).toMatchObject({ roles: [{ slug: 'admin' }] });
    expect(latest(3)).toEqual([
      'organization_membership.updated',
      'organization_membership.updated',
      'organization_role.deleted',
    ]);
  });

  test('makes a role again with its slug: another role, which nobody holds', () => {
    const before = simulator.state().roles.at(-1)?.['id'];
    const id = addMember('one@acme.example', 'org-ops');
    const after = simulator.dashboard.recreateRole({ organization: ACME, slug: 'org-ops' });
    expect(after).toMatchObject({ slug: 'org-ops', name: 'Operations' });
    expect(after.id).not.toBe(before);
    expect(membership(id)).toMatchObject({ roles: [{ slug: 'member' }] });
  });

  test('deletes an environment role: its members are reassigned later, batch by batch', async () => {
    simulator.dashboard.createRole({ slug: 'viewer', name: 'Viewer' });
    const ids = Array.from({ length: 250 }, (_, index) =>
      addMember(`u${index}@x.example`, 'viewer'),
    );
    const both = addMember('both@acme.example', 'viewer', 'admin');
    simulator.dashboard.deleteRole({ slug: 'viewer' });
    expect(latest(1)).toEqual(['role.deleted']);
    const left = (): number =>
      simulator
        .state()
        .organization_memberships.filter((one) => JSON.stringify(one['roles']).includes('viewer'))
        .length;
    expect(left()).toBe(251);
    expect(simulator.faults.pending().retiringRoles).toBe(1);
    await clock.advance(50);
    expect(left()).toBe(151);
    await clock.advance(100);
    expect(left()).toBe(0);
    expect(membership(ids[0] ?? '')).toMatchObject({ roles: [{ slug: 'member' }] });
    expect(membership(both)).toMatchObject({ roles: [{ slug: 'admin' }] });
    expect(simulator.faults.pending().retiringRoles).toBe(0);
    expect(simulator.inconsistencies()).toEqual([]);
  });

  test('cannot delete the default role, but can make another one the default', () => {
    expect(() => simulator.dashboard.deleteRole({ slug: 'member' })).toThrow('default role');
    simulator.dashboard.setDefaultRole({ slug: 'admin' });
    simulator.dashboard.deleteRole({ slug: 'member' });
    const id = addMember('one@acme.example');
    expect(membership(id)).toMatchObject({ role: { slug: 'admin' } });
  });

  test('changes the order of roles, and with it which role is the primary one', () => {
    simulator.dashboard.setRolePriority({ slugs: ['member', 'admin'] });
    const id = addMember('one@acme.example', 'admin', 'member');
    expect(membership(id)).toMatchObject({ role: { slug: 'member' } });
  });

  test('changes roles, suspends, lets in again and removes a member', () => {
    const id = addMember('one@acme.example', 'admin');
    const member = { organization: ACME, user: 'one@acme.example' };
    simulator.dashboard.changeMemberRoles({ ...member, roles: ['org-ops'] });
    simulator.dashboard.suspendMember(member);
    expect(membership(id)).toMatchObject({ status: 'inactive', role: { slug: 'org-ops' } });
    simulator.dashboard.reactivateMember({ membership: id });
    expect(membership(id)).toMatchObject({ status: 'active', role: { slug: 'org-ops' } });
    simulator.dashboard.removeMember(member);
    expect(membership(id)).toBeUndefined();
    expect(latest(4)).toEqual([
      'organization_membership.updated',
      'organization_membership.updated',
      'organization_membership.updated',
      'organization_membership.deleted',
    ]);
  });

  test('adds a removed member again: a new membership of the same user', () => {
    const before = addMember('one@acme.example', 'admin');
    const after = simulator.dashboard.recreateMember({ membership: before });
    expect(after.id).not.toBe(before);
    expect(after).toMatchObject({ role: { slug: 'member' } });
    expect(after['user_id']).toBe(simulator.state().users[0]?.['id']);
  });

  test('invites and revokes', () => {
    simulator.dashboard.invite({ organization: ACME, email: 'new@acme.example', role: 'org-ops' });
    expect(latest(3)).toEqual([
      'user.created',
      'organization_membership.created',
      'invitation.created',
    ]);
    simulator.dashboard.revokeInvitation({ organization: ACME, email: 'new@acme.example' });
    expect(latest(2)).toEqual(['organization_membership.deleted', 'invitation.revoked']);
  });

  test('accepts an invitation in the name of the invited', () => {
    simulator.dashboard.invite({ organization: ACME, email: 'new@acme.example' });
    simulator.dashboard.acceptInvitation({ organization: ACME, email: 'new@acme.example' });
    expect(latest(3)).toEqual([
      'user.updated',
      'organization_membership.updated',
      'invitation.accepted',
    ]);
  });

  test('changes an address, also to one that another user has', () => {
    addMember('one@acme.example');
    addMember('two@acme.example');
    const change = { user: 'one@acme.example', email: 'two@acme.example' };
    expect(() => simulator.dashboard.changeEmail(change)).toThrow();
    simulator.dashboard.changeEmail({ ...change, allowDuplicateEmail: true });
    const emails = simulator.state().users.map((user) => user['email']);
    expect(emails).toEqual(['two@acme.example', 'two@acme.example']);
  });

  test('deletes a user with all memberships, and makes the user again with a new id', () => {
    addMember('one@acme.example');
    const before = simulator.state().users[0]?.['id'];
    const after = simulator.dashboard.recreateUser({ user: 'one@acme.example' });
    expect(latest(3)).toEqual(['organization_membership.deleted', 'user.deleted', 'user.created']);
    expect(after.id).not.toBe(before);
    expect(simulator.state().organization_memberships).toEqual([]);
  });

  test('deletes an organization with all it has', () => {
    addMember('one@acme.example', 'org-ops');
    simulator.directory.connect({ organization: ACME });
    simulator.dashboard.deleteOrganization({ organization: ACME });
    expect(latest(4)).toEqual([
      'organization_membership.deleted',
      'dsync.deleted',
      'organization_role.deleted',
      'organization.deleted',
    ]);
    const { organizations, users, roles } = simulator.state();
    expect([organizations.length, users.length, roles.length]).toEqual([0, 1, 2]);
    expect(simulator.inconsistencies()).toEqual([]);
  });

  test('leaves no trace by changing nothing', () => {
    const id = addMember('one@acme.example', 'admin');
    const before = simulator.state().events.newest;
    simulator.dashboard.changeMemberRoles({ membership: id, roles: ['admin'] });
    simulator.dashboard.reactivateMember({ membership: id });
    simulator.dashboard.renameRole({ organization: ACME, slug: 'org-ops', name: 'Operations' });
    simulator.dashboard.renameOrganization({ organization: ACME, name: ACME });
    simulator.dashboard.updateUser({ user: 'one@acme.example', firstName: null });
    expect(simulator.state().events.newest).toBe(before);
  });

  test('is told what is wrong with a request', () => {
    expect(() =>
      simulator.dashboard.renameOrganization({ organization: 'Nope', name: 'x' }),
    ).toThrow("Organization not found: 'Nope'.");
    const wrong = { organization: ACME } as { organization: string; name: string };
    expect(() => simulator.dashboard.renameOrganization(wrong)).toThrow('Validation failed.');
  });

  test('puts any event into the stream', () => {
    simulator.dashboard.emitEvent({ event: 'planet.discovered', data: { name: '' } });
    expect(simulator.state({ events: true }).events.all?.at(-1)).toMatchObject({
      event: 'planet.discovered',
      data: { name: '' },
    });
  });
});

describe('a directory', () => {
  const one = { organization: ACME, user: 'one@acme.example' };

  function provision(...groups: string[]): string {
    return simulator.directory.provision({ organization: ACME, email: one.user, groups }).id;
  }

  test('brings people in, whose membership it manages', () => {
    const id = provision();
    expect(membership(id)).toMatchObject({
      status: 'active',
      directory_managed: true,
      role: { slug: 'member' },
    });
    expect(latest(4)).toEqual([
      'dsync.activated',
      'user.created',
      'dsync.user.created',
      'organization_membership.created',
    ]);
  });

  test('suspends a person: the roles are reset, by an updated event', () => {
    const id = addMember(one.user, 'admin', 'org-ops');
    simulator.directory.suspend(one);
    expect(membership(id)).toMatchObject({
      status: 'inactive',
      directory_managed: true,
      roles: [{ slug: 'member' }],
    });
    expect(latest(1)).toEqual(['organization_membership.updated']);
  });

  test('lets a person in again with the roles of their groups', () => {
    simulator.directory.createGroup({ organization: ACME, name: 'Crew' });
    simulator.directory.mapGroup({ organization: ACME, group: 'Crew', role: 'org-ops' });
    const id = provision('Crew');
    expect(membership(id)).toMatchObject({ role: { slug: 'org-ops' } });
    simulator.directory.deactivate(one);
    expect(membership(id)).toMatchObject({ status: 'inactive', role: { slug: 'member' } });
    simulator.directory.reactivate(one);
    expect(membership(id)).toMatchObject({ status: 'active', role: { slug: 'org-ops' } });
  });

  test('gives roles by mapped groups, and takes them back', () => {
    for (const name of ['Crew', 'Chiefs']) {
      simulator.directory.createGroup({ organization: ACME, name });
    }
    const id = provision('Crew', 'Chiefs');
    simulator.directory.mapGroup({ organization: ACME, group: 'Crew', role: 'org-ops' });
    simulator.directory.mapGroup({ organization: ACME, group: 'Chiefs', role: 'admin' });
    expect(membership(id)).toMatchObject({ roles: [{ slug: 'admin' }, { slug: 'org-ops' }] });
    simulator.directory.setGroups({ ...one, groups: ['Crew'] });
    expect(membership(id)).toMatchObject({ roles: [{ slug: 'org-ops' }] });
    simulator.directory.deleteGroup({ organization: ACME, group: 'Crew' });
    expect(membership(id)).toMatchObject({ roles: [{ slug: 'member' }] });
    latest(1);
  });

  test('gives only the most important role where several are not enabled', () => {
    simulator.dashboard.setMultipleRoles({ enabled: false });
    for (const [name, role] of Object.entries({ Crew: 'org-ops', Chiefs: 'admin' })) {
      simulator.directory.createGroup({ organization: ACME, name });
      simulator.directory.mapGroup({ organization: ACME, group: name, role });
    }
    expect(membership(provision('Crew', 'Chiefs'))).toMatchObject({ roles: [{ slug: 'admin' }] });
  });

  test('overwrites a change made by hand at its next word about the person', () => {
    const id = provision();
    simulator.dashboard.changeMemberRoles({ membership: id, roles: ['admin'] });
    simulator.directory.reactivate(one);
    expect(membership(id)).toMatchObject({ roles: [{ slug: 'member' }] });
  });

  test('removes a person, whose membership stays, inactive', () => {
    const id = provision();
    simulator.directory.remove(one);
    expect(membership(id)).toMatchObject({ status: 'inactive' });
    expect(latest(1)).toEqual(['dsync.user.deleted']);
  });

  test('brings a person back with a new membership', () => {
    const before = provision();
    const after = simulator.directory.recreate(one);
    expect(after.id).not.toBe(before);
    expect(after).toMatchObject({ status: 'active', directory_managed: true });
  });

  test('changes an address', () => {
    provision();
    simulator.directory.changeEmail({ ...one, email: 'uno@acme.example' });
    expect(simulator.state().users[0]).toMatchObject({ email: 'uno@acme.example' });
    expect(latest(2)).toEqual(['dsync.user.updated', 'user.updated']);
  });

  test('brings in many at once, and lets all go', () => {
    simulator.directory.importUsers({ organization: ACME, count: 300 });
    expect(simulator.state().organization_memberships).toHaveLength(300);
    simulator.directory.deactivateAll({ organization: ACME });
    const statuses = simulator.state().organization_memberships.map((each) => each['status']);
    expect(new Set(statuses)).toEqual(new Set(['inactive']));
  });

  test('can be switched on and off for a membership, or disconnected', () => {
    const id = addMember(one.user);
    simulator.directory.setManaged({ membership: id, managed: true });
    expect(membership(id)).toMatchObject({ directory_managed: true });
    simulator.directory.setManaged({ membership: id, managed: false });
    expect(membership(id)).toMatchObject({ directory_managed: false });
    const managed = provision();
    simulator.directory.disconnect({ organization: ACME });
    expect(membership(managed)).toMatchObject({ directory_managed: false, status: 'active' });
  });
});

test('the demo has three organizations, many scripts, and what is interesting to keep equal', () => {
  simulator = createSimulator({ demo: true });
  const state = simulator.state();
  expect(state.organizations.map((organization) => organization['name'])).toEqual([
    'Kestrel Robotics',
    'Halcyon Health',
    'Baobab Logistics',
  ]);
  const names = state.users.map(
    (user) => `${String(user['first_name'])} ${String(user['last_name'])}`,
  );
  expect(names).toEqual(expect.arrayContaining(['Дарья Соколова', '王 小明', 'أمينة حداد']));
  const statuses = state.organization_memberships.map((one) => one['status']);
  expect(new Set(statuses)).toEqual(new Set(['active', 'inactive', 'pending']));
  expect(state.organization_memberships.some((one) => one['directory_managed'])).toBe(true);
  expect(simulator.inconsistencies()).toEqual([]);
  expect(() => createSimulator({ demo: true, multipleRoles: false })).not.toThrow();
  latest(0);
});

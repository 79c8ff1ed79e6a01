import { type SimulatorCore } from '@rolecall/workos-simulator';
import { type OtherSide, type Site } from './arena.ts';
import { pick, pickSome } from './random.ts';
import { readRemote, type RemoteMembership, type RemoteState } from './remote-state.ts';
import { type Step } from './schedule.ts';

/** What an act works on. */
interface Stage {
  readonly there: OtherSide;
  readonly site: Site;
  readonly step: Step;
  readonly remote: RemoteState;
  readonly simulator: SimulatorCore;
}

/** What a person in the dashboard, or a directory, does in one step; what WorkOS refuses is not done. */
export function performAct(there: OtherSide, step: Step): void {
  const site = pick(there.sites, (step.c * 7) % 1);
  if (site === undefined) return;
  const { simulator } = there;
  const stage = { there, site, step, simulator, remote: readRemote(simulator) };
  there.history.act(() => {
    try {
      actOf(stage);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'Refusal') throw error;
    }
  });
}

function actOf(stage: Stage): void {
  switch (stage.step.operation) {
    case 'dashboard_role':
      changeRole(stage);
      return;
    case 'dashboard_roles_of':
      changeRolesOf(stage);
      return;
    case 'dashboard_member':
      changeMember(stage);
      return;
    case 'dashboard_environment':
      changeEnvironment(stage);
      return;
    case 'directory':
      directoryActs(stage);
      return;
    default:
  }
}

function changeRole({ there, site, step, remote, simulator }: Stage): void {
  const { a, b, number } = step;
  const organization = site.remoteId;
  const role = pick(ownRoles(remote, site), a);
  const [name, description] = [`Theirs ${number}`, `D${number}`];
  const slugs = ['org-auditor', 'org-billing', 'org-support', `org-theirs-${number}`];
  if (b < 0.2 || role === undefined) {
    const slug = pick(slugs, a) ?? '';
    simulator.dashboard.createRole({ organization, slug, name, description });
    return;
  }
  there.reached('O21');
  if (b < 0.7) {
    simulator.dashboard.updateRole({ organization, slug: role.slug, name, description });
  } else if (b < 0.88) {
    simulator.dashboard.deleteRole({ organization, slug: role.slug });
  } else {
    simulator.dashboard.recreateRole({ organization, slug: role.slug, name, description });
  }
}

function changeRolesOf({ there, site, step, remote, simulator }: Stage): void {
  const member = pick(membersOf(remote, site), step.a);
  if (member === undefined) return;
  there.reached('O21');
  const slugs = slugsOf(remote, site);
  const { multiple_roles: several } = simulator.state();
  const chosen = pickSome(slugs, step.b);
  const roles = several ? chosen : chosen.slice(0, 1);
  simulator.dashboard.changeMemberRoles({ membership: member.id, roles: [...roles] });
}

function changeMember({ there, site, step, remote, simulator }: Stage): void {
  const { a, b, number } = step;
  const { dashboard } = simulator;
  const organization = site.remoteId;
  const member = pick(membersOf(remote, site), a);
  if (b < 0.2 || member === undefined) {
    const roles = pickSome(slugsOf(remote, site), a).slice(0, 1);
    dashboard.addMember({ organization, user: `new-${number}@people.test`, roles: [...roles] });
    return;
  }
  const { email } = personOf(remote, member);
  if (b < 0.4) dashboard.suspendMember({ membership: member.id });
  else if (b < 0.6) dashboard.reactivateMember({ membership: member.id });
  else if (b < 0.7) dashboard.removeMember({ membership: member.id });
  else if (b < 0.82) {
    dashboard.recreateMember({ membership: member.id, roles: [...member.roles].slice(0, 1) });
    there.reached('I9');
  } else if (b < 0.9) {
    dashboard.changeEmail({ user: member.userId, email: `moved-${number}@people.test` });
  } else if (b < 0.95) {
    const twin = dashboard.createUser({ email, emailVerified: true, allowDuplicateEmail: true });
    dashboard.addMember({ organization, user: twin.id });
    there.reached('I10');
  } else dashboard.deleteUser({ user: member.userId });
}

function changeEnvironment({ there, site, step, remote, simulator }: Stage): void {
  const { a, b, number } = step;
  const { dashboard } = simulator;
  const own = pick(ownRoles(remote, site), a);
  const extra = remote.roles.filter(
    (role) => role.organizationId === null && !['admin', 'member'].includes(role.slug),
  );
  const one = pick(extra, a);
  if (b < 0.35 || (b < 0.6 && one === undefined)) {
    dashboard.createRole({ slug: `extra-${number % 3}`, name: `Extra ${number}` });
  } else if (b < 0.5 && one !== undefined) {
    dashboard.updateRole({ slug: one.slug, name: `Extra ${number}` });
  } else if (b < 0.7 && one !== undefined) {
    const held = remote.memberships.some((member) => member.roles.includes(one.slug));
    dashboard.deleteRole({ slug: one.slug });
    if (held) there.reached('I14');
  } else if (b < 0.8 && own !== undefined) {
    dashboard.createRole({ slug: own.slug, name: `Shadowed ${number}` });
    there.reached('I15');
  } else if (b < 0.9) {
    dashboard.renameOrganization({ organization: site.remoteId, name: `Renamed ${number}` });
  } else {
    poison(simulator, number);
    there.reached('I25');
  }
}

/** Events that say nothing that could be read. */
function poison(simulator: SimulatorCore, number: number): void {
  const data = number % 2 === 0 ? { nothing: true } : { object: 'organization_membership' };
  simulator.dashboard.emitEvent({ event: 'organization_membership.updated', data });
}

function directoryActs({ there, site, step, remote, simulator }: Stage): void {
  const { a, b, number } = step;
  const { directory } = simulator;
  const organization = site.remoteId;
  const member = pick(membersOf(remote, site), a);
  const group = `group-${number % 2}`;
  if (b < 0.08) {
    directory.importUsers({ organization, count: 7, prefix: `storm-${number}` });
    there.reached('I27');
    return;
  }
  if (b < 0.24) {
    directory.createGroup({ organization, name: group });
    const role = pick(ownRoles(remote, site), a)?.slug ?? 'member';
    directory.mapGroup({ organization, group, role });
    return;
  }
  if (member === undefined) return;
  const person = { organization, user: member.userId };
  if (b < 0.32) directory.setGroups({ ...person, groups: [group] });
  else if (b < 0.5) directory.suspend(person);
  else if (b < 0.72) directory.reactivate(person);
  else if (b < 0.8) directory.remove(person);
  else if (b < 0.9) {
    directory.recreate(person);
    there.reached('I9');
  } else directory.setManaged({ membership: member.id, managed: !member.directoryManaged });
}

function ownRoles({ roles }: RemoteState, site: Site): RemoteState['roles'] {
  return roles
    .filter((role) => role.organizationId === site.remoteId)
    .toSorted((one, other) => (one.slug < other.slug ? -1 : 1));
}

function membersOf({ memberships }: RemoteState, site: Site): readonly RemoteMembership[] {
  return memberships.filter((one) => one.organizationId === site.remoteId);
}

function slugsOf({ roles }: RemoteState, site: Site): readonly string[] {
  const usable = roles.filter(
    (role) => role.organizationId === null || role.organizationId === site.remoteId,
  );
  return [...new Set(usable.map(({ slug }) => slug))].sort();
}

function personOf({ people }: RemoteState, member: RemoteMembership): { readonly email: string } {
  return people.find(({ id }) => id === member.userId) ?? { email: 'nobody@people.test' };
}

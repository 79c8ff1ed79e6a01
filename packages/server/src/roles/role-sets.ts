import { type AuditEntry } from '../audit/index.ts';
import { type Intent, priorities } from '../outbox/index.ts';
import { memberSubject } from './member.ts';
import { type MemberRecord } from './members-store.ts';

/** A membership and all the roles that it is to hold from now on. */
export interface RoleSetChange {
  readonly member: MemberRecord;
  readonly after: readonly string[];
}

/** The pairs of membership and role that a change of role sets takes away and adds. */
export interface RoleSetDifference {
  readonly removed: readonly AssignmentKey[];
  readonly added: readonly AssignmentKey[];
}

export interface AssignmentKey {
  readonly membershipId: string;
  readonly roleId: string;
  /** The membership's own; looked up where it is not given. */
  readonly joinedAt?: string;
}

/** A set without one role; `fallback` where nothing would be left. */
export function withoutRole(
  roleIds: readonly string[],
  roleId: string,
  fallback: string,
): readonly string[] {
  const rest = roleIds.filter((id) => id !== roleId);
  return rest.length === 0 ? [fallback] : rest;
}

/** A set as it is stored: each role once, in one order. */
export function roleSetOf(roleIds: readonly string[]): readonly string[] {
  return [...new Set(roleIds.map((id) => id.toLowerCase()))].sort();
}

/** Only the changes that change something. */
export function effectiveChanges(changes: readonly RoleSetChange[]): readonly RoleSetChange[] {
  return changes.filter((change) => {
    const { removed, added } = differenceOf([change]);
    return removed.length + added.length > 0;
  });
}

/** What has to be deleted and inserted so that every membership holds its set. */
export function differenceOf(changes: readonly RoleSetChange[]): RoleSetDifference {
  return {
    removed: changes.flatMap(({ member, after }) => keysBeyond(member, member.roleIds, after)),
    added: changes.flatMap(({ member, after }) => keysBeyond(member, after, member.roleIds)),
  };
}

/** What the changes leave in the history, for whoever is followed there: one event for each member. */
export function roleSetEntries(changes: readonly RoleSetChange[]): readonly AuditEntry[] {
  return changes.map(({ member, after }) => ({
    action: 'member.roles_changed',
    subject: memberSubject(member),
    before: { role_ids: member.roleIds },
    after: { role_ids: roleSetOf(after) },
  }));
}

/** What must be made equal in WorkOS; a set that loses a role goes first. */
export function roleSetIntents(changes: readonly RoleSetChange[]): readonly Intent[] {
  return changes.map((change) => ({
    kind: 'membership_roles',
    subjectId: change.member.membershipId,
    priority:
      differenceOf([change]).removed.length > 0 ? priorities.revocation : priorities.assignment,
  }));
}

/** The users whose answers change; a membership without a known user gets no answers yet. */
export function usersOf(changes: readonly RoleSetChange[]): readonly string[] {
  return changes.flatMap(({ member }) => (member.userId === null ? [] : [member.userId]));
}

function keysBeyond(
  { membershipId, joinedAt }: MemberRecord,
  roleIds: readonly string[],
  others: readonly string[],
): readonly AssignmentKey[] {
  const known = new Set(others);
  return roleIds
    .filter((id) => !known.has(id))
    .map((roleId) => ({ membershipId, roleId, joinedAt }));
}

import { type AuditAuthor } from '../audit/index.ts';
import { type JsonValue, type Tx } from '../database/index.ts';
import {
  buryMembership,
  insertRemoteMembership,
  type MembershipFacts,
  type OrganizationLock,
  updateRemoteMembership,
} from '../identity/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { writeAssignments } from './assignments-store.ts';
import { closeCommand, type CommandTraces } from './close-command.ts';
import { differenceBetween } from './difference.ts';
import { deleteGrantsOf } from './direct-grants-store.ts';
import { grantShape } from './direct-grant.ts';
import { bringRoleOver, isKeyedBySlug } from './legacy/index.ts';
import { planDismissal } from './holders.ts';
import { memberShape, memberSubject } from './member.ts';
import { findMembership, type MemberRecord } from './members-store.ts';
import {
  buryMirroredRole,
  flagNoAdmin,
  hasDeletedAdmin,
  hasUsableAdmin,
  insertMirroredRole,
  type MirroredRole,
} from './mirror-store.ts';
import { differenceOf, effectiveChanges, roleSetEntries, roleSetOf, usersOf } from './role-sets.ts';
import { getRole } from './read-roles.ts';
import { roleShape } from './role.ts';
import { updateRoleRow } from './roles-store.ts';

/*
 * Facts of WorkOS's, taken over. They are commands without a caller: under the one lock, with history and
 * change record, but without intents, because what came from there need not be sent there. Each returns what
 * it leaves behind; `closeMirror` ends the transaction with all of it.
 */

/** Who the history names for what came from WorkOS. */
export const mirrorAuthor: AuditAuthor = { actor: 'workos', requestId: null };

export type MirrorTraces = CommandTraces;

/** Ends a transaction that took something over; `cause` is the event that led to it, where one did. */
export async function closeMirror(
  tx: Tx,
  lock: OrganizationLock,
  traces: readonly MirrorTraces[],
  cause: string | null,
): Promise<void> {
  await closeCommand(
    tx,
    lock,
    { ...mirrorAuthor, cause },
    {
      changed: {
        organization: traces.some(({ changed }) => changed.organization === true),
        roles: traces.flatMap(({ changed }) => changed.roles ?? []),
        users: traces.flatMap(({ changed }) => changed.users ?? []),
      },
      entries: traces.flatMap(({ entries }) => entries),
    },
  );
}

/** Takes a role in, without grants. Nothing when its name or slug is taken here. */
export async function mirrorRole(
  tx: Tx,
  lock: OrganizationLock,
  role: MirroredRole,
): Promise<{ readonly roleId: string; readonly traces: MirrorTraces } | undefined> {
  const roleId = await insertMirroredRole(tx, lock, role);
  if (roleId === undefined) return undefined;
  const made = await getRole(tx, lock.organizationId, roleId);
  const entries = [
    { action: 'role.created', subject: made.principal, after: roleShape(made) },
  ] as const;
  // Grants may be keyed by its slug, and have been a global role's until now.
  const organization = await isKeyedBySlug(tx, lock.organizationId, role.slug);
  return { roleId, traces: { changed: { organization, roles: [roleId] }, entries } };
}

/** Replaces name and description of an organization's role. */
export async function mirrorRoleFields(
  tx: Tx,
  lock: OrganizationLock,
  role: Omit<MirroredRole, 'slug'> & { readonly id: string },
): Promise<MirrorTraces> {
  const before = await getRole(tx, lock.organizationId, role.id);
  updateRoleRow(tx, lock, role);
  const after = await getRole(tx, lock.organizationId, role.id);
  const difference = differenceBetween(roleShape(before), roleShape(after));
  return {
    changed: {},
    entries: [{ action: 'role.updated', subject: after.principal, ...difference }],
  };
}

/**
 * Buries a role that is gone in WorkOS; its grants are kept with the tombstone. Whoever is left without a role
 * gets `member`. Answers with the memberships that lost it too.
 */
export async function mirrorRoleEnd(
  tx: Tx,
  lock: OrganizationLock,
  roleId: string,
): Promise<{ readonly membershipIds: readonly string[]; readonly traces: MirrorTraces }> {
  const brought = await bringRoleOver(tx, lock, roleId);
  const role = await getRole(tx, lock.organizationId, roleId);
  const changes = await planDismissal(tx, lock, roleId);
  const { users, entries } = await applyRoleSets(tx, lock, changes);
  await buryMirroredRole(tx, lock, roleId);
  const ended = {
    action: 'role.deleted',
    subject: role.principal,
    before: roleShape(role),
  } as const;
  return {
    membershipIds: changes.map(({ member }) => member.membershipId),
    traces: { changed: { roles: [roleId], users }, entries: [...brought, ended, ...entries] },
  };
}

/** A membership's whole role set. */
export interface MirroredRoleSet {
  readonly membershipId: string;
  readonly roleIds: readonly string[];
  /** Who owns the set. WorkOS's is applied even when it leaves nobody who could administer. */
  readonly owner: 'rolecall' | 'workos';
}

/** Replaces a membership's role set. Throws `last_admin` where Rolecall owns it. */
export async function mirrorRoleSet(
  tx: Tx,
  lock: OrganizationLock,
  { membershipId, roleIds, owner }: MirroredRoleSet,
): Promise<MirrorTraces> {
  const member = await findMembership(tx, lock.organizationId, membershipId);
  if (member === undefined) return nothing;
  const changes = effectiveChanges([{ member, after: roleSetOf(roleIds) }]);
  if (owner === 'rolecall') {
    const { users, entries } = await applyRoleSets(tx, lock, changes);
    return { changed: { users }, entries };
  }
  await keepingWatch(tx, lock, () => writeAssignments(tx, lock, differenceOf(changes)));
  return { changed: { users: usersOf(changes) }, entries: roleSetEntries(changes) };
}

/** Begins a membership of a user who has none here, with the roles that it has in WorkOS. */
export async function mirrorMembership(
  tx: Tx,
  lock: OrganizationLock,
  membership: {
    readonly userId: string;
    readonly facts: MembershipFacts;
    readonly roleIds: readonly string[];
  },
): Promise<{ readonly membershipId: string; readonly traces: MirrorTraces }> {
  const membershipId = await insertRemoteMembership(tx, lock, membership);
  const added = membership.roleIds.map((roleId) => ({ membershipId, roleId }));
  await keepingWatch(tx, lock, () => writeAssignments(tx, lock, { removed: [], added }));
  const member = await findMembership(tx, lock.organizationId, membershipId);
  return {
    membershipId,
    traces: {
      changed: { users: [membership.userId] },
      entries: member === undefined ? [] : [entry('member.added', { after: member })],
    },
  };
}

/** Takes over what WorkOS owns of a membership: status, profile, and whether a directory manages it. */
export async function mirrorMembershipFacts(
  tx: Tx,
  lock: OrganizationLock,
  { membershipId, facts }: { readonly membershipId: string; readonly facts: MembershipFacts },
): Promise<MirrorTraces> {
  const before = await findMembership(tx, lock.organizationId, membershipId);
  await keepingWatch(tx, lock, () => updateRemoteMembership(tx, lock, { membershipId, facts }));
  const after = await findMembership(tx, lock.organizationId, membershipId);
  if (before === undefined || after === undefined) return nothing;
  const difference = differenceBetween(shapeOf(before), shapeOf(after));
  const users = before.status === after.status || after.userId === null ? [] : [after.userId];
  const entries = [
    { action: 'member.updated', subject: memberSubject(after), ...difference },
  ] as const;
  return { changed: { users }, entries };
}

/** Ends a membership with its assignments and direct grants; a tombstone stays. */
export async function mirrorMembershipEnd(
  tx: Tx,
  lock: OrganizationLock,
  membershipId: string,
): Promise<MirrorTraces> {
  const member = await findMembership(tx, lock.organizationId, membershipId);
  if (member === undefined) return nothing;
  const grants = await keepingWatch(tx, lock, async () => {
    await writeAssignments(tx, lock, differenceOf([{ member, after: [] }]));
    const deleted = await deleteGrantsOf(tx, lock, { column: 'membership_id', id: membershipId });
    buryMembership(tx, lock, membershipId);
    return deleted;
  });
  const before = { member: memberShape(member), grants: grants.map(grantShape) };
  return {
    changed: { users: member.userId === null ? [] : [member.userId] },
    entries: [{ action: 'member.removed', subject: memberSubject(member), before }],
  };
}

const nothing: MirrorTraces = { changed: {}, entries: [] };

/**
 * Applies what WorkOS owns, and flags the organization when that, or the deletion of a person, which comes before it
 * for every organization, leaves nobody who could administer it.
 */
export async function keepingWatch<T>(
  tx: Tx,
  lock: OrganizationLock,
  work: () => Promise<T>,
): Promise<T> {
  const before =
    (await hasUsableAdmin(tx, lock.organizationId)) || (await hasDeletedAdmin(tx, lock));
  const done = await work();
  const after = await hasUsableAdmin(tx, lock.organizationId);
  if (before && !after) await flagNoAdmin(tx, lock, true);
  else if (after && lock.noAdmin) await flagNoAdmin(tx, lock, false);
  return done;
}

function entry(
  action: 'member.added',
  { after }: { readonly after: MemberRecord },
): MirrorTraces['entries'][number] {
  return { action, subject: memberSubject(after), after: memberShape(after) };
}

function shapeOf(member: MemberRecord): Readonly<Record<string, JsonValue>> {
  const { email, name, photoUrl, status, directoryManaged } = member;
  return { email, name, photo_url: photoUrl, status, directory_managed: directoryManaged };
}

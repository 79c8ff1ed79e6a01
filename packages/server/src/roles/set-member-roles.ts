import { type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { lockAndRead } from '../identity/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { type Member, toMember } from './member.ts';
import { refuseDirectoryManaged } from './ownership.ts';
import { findMember } from './members-store.ts';
import { requireMember } from './read-members.ts';
import { findWantedRoles, requireRoles } from './read-roles.ts';
import { roleSetOf } from './role-sets.ts';

/** A member, and every role that they are to hold from now on. */
export interface MemberRoles {
  readonly userId: string;
  readonly roleIds: readonly string[];
}

/**
 * Replaces the whole role set of a member, in whatever status. Throws `roles_required` for an empty set,
 * `member_not_found`, `role_not_found`, `last_admin`, and `owned_by_workos` where a directory owns the roles.
 */
export async function setMemberRoles(
  tx: Tx,
  organizationId: string,
  { userId, roleIds }: MemberRoles,
  context: CommandContext,
): Promise<Committed<Member>> {
  const after = requireRoleSet(roleIds);
  const [lock, [found, wanted]] = await lockAndRead(tx, organizationId, () =>
    Promise.all([
      findMember(tx, organizationId, userId),
      findWantedRoles(tx, organizationId, after),
    ]),
  );
  const member = requireMember(userId, found);
  requireRoles(lock, wanted, member.roleIds);
  const changes = [{ member, after }];
  refuseDirectoryManaged(changes);
  const { users, entries, intents } = await applyRoleSets(tx, lock, changes);
  await closeCommand(tx, lock, context, { changed: { users }, entries, intents });
  return committed(lock, toMember({ ...member, roleIds: after }));
}

/** A set that is not empty. Throws `roles_required`. */
export function requireRoleSet(roleIds: readonly string[]): readonly string[] {
  if (roleIds.length > 0) return roleSetOf(roleIds);
  throw refusal('roles_required', 'a member holds at least one role');
}

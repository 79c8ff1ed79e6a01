import { type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { requireMemberRole } from './member-role.ts';
import { findHolders } from './members-store.ts';
import { requireMembers } from './read-members.ts';
import { type RoleSetChange, withoutRole } from './role-sets.ts';

/**
 * What has to change so that exactly these users hold a role. Who loses their only role gets `member`. A
 * membership whose user is not known cannot be named, so it keeps the role. Throws `member_not_found`.
 */
export async function planHolders(
  tx: Tx,
  lock: OrganizationLock,
  { roleId, userIds }: { readonly roleId: string; readonly userIds: readonly string[] },
): Promise<readonly RoleSetChange[]> {
  const named = new Set(userIds);
  const members = await requireMembers(tx, lock, [...named]);
  const holders = await findHolders(tx, lock.organizationId, roleId);
  const member = requireMemberRole(lock);
  const losing = holders
    .filter(({ userId }) => userId !== null && !named.has(userId))
    .map((holder) => ({ member: holder, after: withoutRole(holder.roleIds, roleId, member) }));
  const gaining = members
    .filter(({ roleIds }) => !roleIds.includes(roleId))
    .map((holder) => ({ member: holder, after: [...holder.roleIds, roleId] }));
  return [...losing, ...gaining];
}

/** What has to change so that nobody holds a role, known or not, in whatever status. */
export async function planDismissal(
  tx: Tx,
  lock: OrganizationLock,
  roleId: string,
): Promise<readonly RoleSetChange[]> {
  const holders = await findHolders(tx, lock.organizationId, roleId);
  const fallback = requireMemberRole(lock);
  return holders.map((member) => ({
    member,
    after: withoutRole(member.roleIds, roleId, fallback),
  }));
}

import { type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { countAdminsWithout } from './assignments-store.ts';
import { type RoleSetChange } from './role-sets.ts';

/** Who would stop and who would start to be a usable admin. */
export interface AdminChange {
  readonly losing: readonly RoleSetChange[];
  readonly gaining: readonly RoleSetChange[];
}

/** Which of the changes take `admin` from somebody, and which give it to somebody who can use it. */
export function adminChangeOf(
  changes: readonly RoleSetChange[],
  adminRoleId: string | null,
): AdminChange {
  if (adminRoleId === null) return { losing: [], gaining: [] };
  const held = ({ member }: RoleSetChange): boolean => member.roleIds.includes(adminRoleId);
  const holds = ({ after }: RoleSetChange): boolean => after.includes(adminRoleId);
  return {
    losing: changes.filter((change) => held(change) && !holds(change)),
    gaining: changes.filter((change) => !held(change) && holds(change) && change.member.usable),
  };
}

/** Whether the number of usable admins goes from one or more to zero. */
export function strandsOrganization(
  counted: { readonly before: boolean; readonly after: boolean },
  { gaining }: AdminChange,
): boolean {
  return counted.before && !counted.after && gaining.length === 0;
}

/**
 * INVARIANT (last admin): no command takes the usable admins of an organization from one or more to zero.
 * Every assignment that a command takes away passes here first, under the one lock. Throws `last_admin`.
 */
export async function guardLastAdmin(
  tx: Tx,
  lock: OrganizationLock,
  changes: readonly RoleSetChange[],
): Promise<void> {
  const change = adminChangeOf(changes, lock.adminRoleId);
  if (change.losing.length === 0) return;
  const leaving = change.losing.map(({ member }) => member.membershipId);
  if (!strandsOrganization(await countAdminsWithout(tx, lock, leaving), change)) return;
  throw refusal(
    'last_admin',
    `the organization \`${lock.organizationId}\` would be left without an admin`,
    { userIds: change.losing.map(({ member }) => member.userId) },
  );
}

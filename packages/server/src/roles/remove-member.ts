import { type Tx } from '../database/index.ts';
import { buryMembership, lockAndRead } from '../identity/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { deleteGrantsOf } from './direct-grants-store.ts';
import { grantShape } from './direct-grant.ts';
import { type Member, memberShape, memberSubject, toMember } from './member.ts';
import { refuseLinked } from './ownership.ts';
import { findMember } from './members-store.ts';
import { requireMember } from './read-members.ts';

/**
 * Ends a membership, in an organization that is not linked: assignments and direct grants go with it, a
 * tombstone stays. The value is the member as it was. Throws `owned_by_workos`, `member_not_found`,
 * `last_admin`.
 */
export async function removeMember(
  tx: Tx,
  organizationId: string,
  { userId }: { readonly userId: string },
  context: CommandContext,
): Promise<Committed<Member>> {
  const [lock, found] = await lockAndRead(tx, organizationId, () =>
    findMember(tx, organizationId, userId),
  );
  refuseLinked(lock, 'its members');
  const member = requireMember(userId, found);
  await applyRoleSets(tx, lock, [{ member, after: [] }]);
  const holder = { column: 'membership_id', id: member.membershipId } as const;
  const grants = await deleteGrantsOf(tx, lock, holder);
  buryMembership(tx, lock, member.membershipId);
  const before = { member: memberShape(member), grants: grants.map(grantShape) };
  await closeCommand(tx, lock, context, {
    changed: { users: [userId] },
    entries: [{ action: 'member.removed', subject: memberSubject(member), before }],
  });
  return committed(lock, toMember(member));
}

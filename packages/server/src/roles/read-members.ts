import { type Reader, type Tx } from '../database/index.ts';
import { refusal, type RolecallError } from '../errors/index.ts';
import {
  organizationExists,
  type OrganizationLock,
  organizationNotFound,
} from '../identity/index.ts';
import { findMember, findMembers, type MemberRecord } from './members-store.ts';
import { type Member, toMember } from './member.ts';

/** One live member. Throws `member_not_found`, or `organization_not_found` where that is the reason. */
export async function getMember(
  reader: Reader,
  organizationId: string,
  userId: string,
): Promise<Member> {
  const member = await findMember(reader, organizationId, userId);
  if (member !== undefined) return toMember(member);
  if (!(await organizationExists(reader, organizationId)))
    throw organizationNotFound(organizationId);
  throw memberNotFound([userId]);
}

/** The live member that a command is about, as it was read behind the lock. Throws `member_not_found`. */
export function requireMember(userId: string, member: MemberRecord | undefined): MemberRecord {
  if (member === undefined) throw memberNotFound([userId]);
  return member;
}

/** The live members that a command names. Throws `member_not_found`, naming all that are none. */
export async function requireMembers(
  tx: Tx,
  lock: OrganizationLock,
  userIds: readonly string[],
): Promise<readonly MemberRecord[]> {
  return requireAllMembers(userIds, await findMembers(tx, lock.organizationId, userIds));
}

/** The members that were found, when they are all that a command names. Throws `member_not_found`. */
export function requireAllMembers(
  userIds: readonly string[],
  members: readonly MemberRecord[],
): readonly MemberRecord[] {
  const found = new Set(members.map((member) => member.userId));
  const missing = userIds.filter((id) => !found.has(id));
  if (missing.length > 0) throw memberNotFound(missing);
  return members;
}

/** The refusal for members that are not there. */
export function memberNotFound(userIds: readonly string[]): RolecallError {
  const named = userIds.map((id) => `\`${id}\``).join(', ');
  return refusal('member_not_found', `the organization has no member ${named}`, { userIds });
}

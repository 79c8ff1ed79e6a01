import { type JsonValue, type MembershipStatus } from '../database/index.ts';

/** A user's place in an organization. `userId` is null while the user is not known. */
export interface Member {
  readonly userId: string | null;
  readonly membershipId: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly photoUrl: string | null;
  readonly status: MembershipStatus;
  readonly roleIds: readonly string[];
  readonly joinedAt: string;
}

/** Who is added. Without `id` a new user is made; without `roleIds` they hold `member`. */
export interface NewMember {
  readonly id?: string;
  readonly email: string;
  readonly name?: string | null;
  readonly roleIds?: readonly string[];
}

/** How the history names a member: the user, or the membership while the user is not known. */
export function memberSubject({
  userId,
  membershipId,
}: Pick<Member, 'userId' | 'membershipId'>): string {
  return userId === null ? `membership:${membershipId}` : `user:${userId}`;
}

/** A member, and nothing that only commands know of it. */
export function toMember(member: Member): Member {
  const { userId, membershipId, email, name, photoUrl, status, roleIds, joinedAt } = member;
  return { userId, membershipId, email, name, photoUrl, status, roleIds, joinedAt };
}

/** A member in the shape of the API, for the history. */
export function memberShape(member: Member): JsonValue {
  return {
    user_id: member.userId,
    membership_id: member.membershipId,
    email: member.email,
    name: member.name,
    photo_url: member.photoUrl,
    status: member.status,
    role_ids: member.roleIds,
    joined_at: member.joinedAt,
  };
}

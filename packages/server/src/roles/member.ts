import { type MembershipStatus } from '../database/index.ts';

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

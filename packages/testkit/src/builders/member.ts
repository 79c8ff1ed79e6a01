import { type MembershipStatus, type Reader, query } from '@rolecall/server/database';
import { buildAssignment } from './assignment.ts';
import { freshName } from './fresh-names.ts';

export interface UserPlan {
  readonly id?: string;
  readonly workosUserId?: string;
  readonly email?: string;
  readonly name?: string;
  readonly deleted?: boolean;
}

export interface BuiltUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface MemberPlan {
  /** The user, who is made when there is none with this id; null for one who is not yet known. */
  readonly userId?: string | null;
  readonly email?: string;
  readonly name?: string;
  /** `active` unless told otherwise, `pending` without a user. */
  readonly status?: MembershipStatus;
  readonly roleIds?: readonly string[];
  readonly workosMembershipId?: string;
  readonly directoryManaged?: boolean;
  /** An ISO string with milliseconds. */
  readonly joinedAt?: string;
}

export interface BuiltMember<UserId extends string | null = string> {
  readonly userId: UserId;
  readonly membershipId: string;
  readonly email: string;
  readonly name: string;
  readonly joinedAt: string;
}

/** A user; one that is there already stays as it is. */
export async function buildUser(reader: Reader, plan: UserPlan = {}): Promise<BuiltUser> {
  const id = plan.id ?? freshName('user');
  const email = plan.email ?? `${id}@example.com`;
  const name = plan.name ?? `Name of ${id}`;
  await query(reader, {
    text: `
      INSERT INTO rolecall.users (id, workos_user_id, email, name, deleted_at)
        VALUES ($1, $2, $3, $4, CASE WHEN $5::boolean THEN now() END)
        ON CONFLICT (id) DO NOTHING`,
    values: [id, plan.workosUserId ?? null, email, name, plan.deleted ?? false],
  });
  return { id, email, name };
}

/** A membership and, unless it is known or told to be unknown, its user. */
export async function buildMember(
  reader: Reader,
  organizationId: string,
  plan?: MemberPlan & { readonly userId?: string },
): Promise<BuiltMember>;
export async function buildMember(
  reader: Reader,
  organizationId: string,
  plan: MemberPlan,
): Promise<BuiltMember<string | null>>;
export async function buildMember(
  reader: Reader,
  organizationId: string,
  plan: MemberPlan = {},
): Promise<BuiltMember<string | null>> {
  const userId = plan.userId === undefined ? freshName('user') : plan.userId;
  const label = userId ?? freshName('pending');
  const email = plan.email ?? `${label}@example.com`;
  const name = plan.name ?? `Name of ${label}`;
  if (userId !== null) await buildUser(reader, { id: userId, email, name });
  const [row] = await query<{ readonly id: string; readonly joined_at: string }>(reader, {
    text: `
      INSERT INTO rolecall.memberships
        (organization_id, user_id, workos_membership_id, status, directory_managed, email, name, joined_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7,
          coalesce($8::timestamptz, date_trunc('milliseconds', clock_timestamp())))
        RETURNING id, joined_at`,
    values: [
      organizationId,
      userId,
      plan.workosMembershipId ?? null,
      plan.status ?? (userId === null ? 'pending' : 'active'),
      plan.directoryManaged ?? false,
      email,
      name,
      plan.joinedAt ?? null,
    ],
  });
  if (row === undefined) throw new Error('the membership was not inserted');
  for (const roleId of plan.roleIds ?? []) {
    await buildAssignment(reader, organizationId, { membershipId: row.id, roleId });
  }
  return { userId, membershipId: row.id, email, name, joinedAt: row.joined_at };
}

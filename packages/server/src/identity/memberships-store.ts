import { post, query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from './organization-lock.ts';

/** What a membership of a known user is made from. */
export interface NewMembership {
  readonly userId: string;
  readonly email: string;
  readonly name: string | null;
}

/**
 * Makes sure that the users exist. One that does is left as it is: other organizations know them by it.
 * In the order of ids, so that two organizations which add the same users never wait for each other in a circle.
 */
export async function ensureUsers(tx: Tx, users: readonly NewMembership[]): Promise<void> {
  await query(tx, {
    name: 'ensure_users',
    text: `INSERT INTO rolecall.users (id, email, name)
      SELECT n.id, n.email, n.name FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, email, name)
        ORDER BY n.id
      ON CONFLICT (id) DO NOTHING`,
    values: columnsOf(users),
  });
}

/** Makes active memberships; answers with the id and the time of each, by user id. */
export async function insertMemberships(
  tx: Tx,
  lock: OrganizationLock,
  memberships: readonly NewMembership[],
): Promise<ReadonlyMap<string, { readonly membershipId: string; readonly joinedAt: string }>> {
  const rows = await query<{
    readonly id: string;
    readonly user_id: string;
    readonly joined_at: string;
  }>(tx, {
    name: 'insert_memberships',
    text: `INSERT INTO rolecall.memberships (organization_id, user_id, email, name, status)
      SELECT $4, n.user_id, n.email, n.name, 'active'
        FROM unnest($1::text[], $2::text[], $3::text[]) AS n (user_id, email, name)
      RETURNING id, user_id, joined_at`,
    values: [...columnsOf(memberships), lock.organizationId],
  });
  return new Map(
    rows.map((row) => [row.user_id, { membershipId: row.id, joinedAt: row.joined_at }]),
  );
}

/** Replaces e-mail and name of live memberships, which are found by their user. */
export async function updateProfiles(
  tx: Tx,
  lock: OrganizationLock,
  profiles: readonly NewMembership[],
): Promise<void> {
  await query(tx, {
    text: `UPDATE rolecall.memberships m SET email = n.email, name = n.name, updated_at = now()
      FROM unnest($1::text[], $2::text[], $3::text[]) AS n (user_id, email, name)
      WHERE m.organization_id = $4 AND m.user_id = n.user_id AND m.deleted_at IS NULL`,
    values: [...columnsOf(profiles), lock.organizationId],
  });
}

/** Which of these users are known to have been deleted. */
export async function findDeletedUsers(
  tx: Tx,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await query<{ readonly id: string }>(tx, {
    name: 'find_deleted_users',
    text: 'SELECT id FROM rolecall.users WHERE id = ANY($1) AND deleted_at IS NOT NULL',
    values: [userIds],
  });
  return new Set(rows.map((row) => row.id));
}

/** The user of a live membership with this e-mail address, in whatever case, if there is one. */
export async function findUserByEmail(
  tx: Tx,
  organizationId: string,
  email: string,
): Promise<{ readonly userId: string | null } | undefined> {
  const [row] = await query<{ readonly user_id: string | null }>(tx, {
    name: 'find_user_by_email',
    text: `SELECT user_id FROM rolecall.memberships
      WHERE organization_id = $1 AND lower(email) = lower($2) AND deleted_at IS NULL LIMIT 1`,
    values: [organizationId, email],
  });
  return row && { userId: row.user_id };
}

/** Leaves a tombstone of a membership whose assignments and direct grants are gone. */
export function buryMembership(tx: Tx, lock: OrganizationLock, membershipId: string): void {
  post(tx, {
    name: 'bury_membership',
    text: `UPDATE rolecall.memberships SET deleted_at = now(), updated_at = now()
      WHERE organization_id = $1 AND id = $2`,
    values: [lock.organizationId, membershipId],
  });
}

function columnsOf(memberships: readonly NewMembership[]): readonly unknown[] {
  return [
    memberships.map((membership) => membership.userId),
    memberships.map((membership) => membership.email),
    memberships.map((membership) => membership.name),
  ];
}

import { type MembershipStatus, query, type Reader } from '../database/index.ts';
import { identifierProblem } from '../identity/index.ts';
import { BATCH } from './batches.ts';
import { type Member } from './member.ts';
import { FIRST_PLACE, type MemberPlace } from './member-walk.ts';

/** A live membership, with what only commands need to know of it. */
export interface MemberRecord extends Member {
  /** A directory owns its roles. */
  readonly directoryManaged: boolean;
  /** Active, of a user who is known and not deleted: as an admin they can really administer. */
  readonly usable: boolean;
}

/** A member as statements give it back. */
export interface MemberRow {
  readonly membership_id: string;
  readonly user_id: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly photo_url: string | null;
  readonly status: MembershipStatus;
  readonly joined_at: string;
  readonly role_ids: readonly string[];
}

interface RecordRow extends MemberRow {
  readonly directory_managed: boolean;
  readonly usable: boolean;
}

/** The columns of a `MemberRow`, from memberships `m`. */
export const MEMBER_COLUMNS = `m.id AS membership_id, m.user_id, m.email, m.name, m.photo_url, m.status,
  m.joined_at, ARRAY(SELECT a.role_id FROM rolecall.assignments a
    WHERE a.organization_id = m.organization_id AND a.membership_id = m.id
    ORDER BY a.role_id) AS role_ids`;

/** The columns of a `RecordRow`, from memberships `m` and their users `u`. */
const RECORD_COLUMNS = `${MEMBER_COLUMNS}, m.directory_managed,
  (m.status = 'active' AND m.user_id IS NOT NULL AND u.deleted_at IS NULL) AS usable`;

/*
 * What names one member is prepared. What names several is not: a plan for organizations of average size would
 * sooner read all members of a large one than look up each.
 */
const LIVE_MEMBERS = `SELECT ${RECORD_COLUMNS}
  FROM rolecall.memberships m LEFT JOIN rolecall.users u ON u.id = m.user_id
  WHERE m.organization_id = $1 AND m.deleted_at IS NULL`;

/** The live membership of a user, if there is one. */
export async function findMember(
  reader: Reader,
  organizationId: string,
  userId: string,
): Promise<MemberRecord | undefined> {
  if (identifierProblem(userId) !== undefined) return undefined;
  const [row] = await query<RecordRow>(reader, {
    name: 'find_member',
    text: `${LIVE_MEMBERS} AND m.user_id = $2`,
    values: [organizationId, userId],
    harmless: true,
  });
  return row && toMemberRecord(row);
}

/** A live membership by its own id, if there is one. */
export async function findMembership(
  reader: Reader,
  organizationId: string,
  membershipId: string,
): Promise<MemberRecord | undefined> {
  const [row] = await query<RecordRow>(reader, {
    name: 'find_membership',
    text: `${LIVE_MEMBERS} AND m.id = $2`,
    values: [organizationId, membershipId],
  });
  return row && toMemberRecord(row);
}

/** The live memberships of these users, as far as there are any. */
export async function findMembers(
  reader: Reader,
  organizationId: string,
  userIds: readonly string[],
): Promise<readonly MemberRecord[]> {
  const possible = userIds.filter((id) => identifierProblem(id) === undefined);
  if (possible.length === 0) return [];
  const rows = await query<RecordRow>(reader, {
    text: `${LIVE_MEMBERS} AND m.user_id = ANY($2)`,
    values: [organizationId, possible],
    harmless: true,
  });
  return rows.map(toMemberRecord);
}

/** Every membership that holds a role, in whatever status, with or without a known user. */
export async function findHolders(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<readonly MemberRecord[]> {
  const holders: MemberRecord[] = [];
  let after = FIRST_PLACE;
  for (;;) {
    const batch = await pageHolders(reader, organizationId, { roleId, after });
    holders.push(...batch);
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return holders;
    after = [last.joinedAt, last.membershipId];
  }
}

/** Every live membership that holds no role. */
export async function findRoleless(
  reader: Reader,
  organizationId: string,
): Promise<readonly MemberRecord[]> {
  const rows = await query<RecordRow>(reader, {
    text: `${LIVE_MEMBERS} AND NOT EXISTS (SELECT FROM rolecall.assignments a
        WHERE a.organization_id = $1 AND a.membership_id = m.id)
      ORDER BY m.joined_at, m.id`,
    values: [organizationId],
  });
  return rows.map(toMemberRecord);
}

async function pageHolders(
  reader: Reader,
  organizationId: string,
  { roleId, after }: { readonly roleId: string; readonly after: MemberPlace },
): Promise<readonly MemberRecord[]> {
  const rows = await query<RecordRow>(reader, {
    text: `SELECT ${RECORD_COLUMNS}
      FROM rolecall.assignments held
      JOIN rolecall.memberships m ON m.organization_id = $1 AND m.id = held.membership_id
      LEFT JOIN rolecall.users u ON u.id = m.user_id
      WHERE held.organization_id = $1 AND held.role_id = $2
        AND (held.joined_at, held.membership_id) > ($3::timestamptz, $4::uuid)
      ORDER BY held.joined_at, held.membership_id LIMIT $5`,
    values: [organizationId, roleId, ...after, BATCH],
  });
  return rows.map(toMemberRecord);
}

/** A row as the domain has it. */
export function rowToMember(row: MemberRow): Member {
  return {
    userId: row.user_id,
    membershipId: row.membership_id,
    email: row.email,
    name: row.name,
    photoUrl: row.photo_url,
    status: row.status,
    roleIds: row.role_ids,
    joinedAt: row.joined_at,
  };
}

function toMemberRecord(row: RecordRow): MemberRecord {
  return { ...rowToMember(row), directoryManaged: row.directory_managed, usable: row.usable };
}

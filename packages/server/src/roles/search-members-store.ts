import { query, type Reader, type Statement } from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type MembersRange } from './list-members-store.ts';
import { type Member } from './member.ts';
import { FIRST_PLACE, type MemberConditions, walkOf } from './member-walk.ts';
import { MEMBER_COLUMNS, type MemberRow, rowToMember } from './members-store.ts';

/** A range of the members that match a LIKE pattern, in lower or upper case. */
export interface WalkRange extends MembersRange {
  readonly pattern: string;
}

/** The same for the search index, which is asked for a pattern that whatever matches `pattern` matches too. */
export interface SearchRange extends WalkRange {
  readonly indexPattern: string;
}

/** Members of a page, and how many match in all. */
export interface FoundMembers {
  readonly members: readonly Member[];
  readonly total: number;
}

/** A range of the members who have an address, in lower or upper case. */
export interface AddressRange extends MembersRange {
  readonly address: string;
}

/** Members with that very address, in the order in which they joined, and how many they are; mostly one or none. */
export async function findByAddress(
  reader: Reader,
  organizationId: string,
  range: AddressRange,
): Promise<FoundMembers> {
  const statement = findByAddressStatement(organizationId, range);
  return foundMembers(await query<FoundRow>(reader, statement));
}

/**
 * The statement of `findByAddress`: one place of one index. The role is asked for of each who has the address;
 * EXISTS may be answered by hashing all who hold it.
 */
export function findByAddressStatement(
  organizationId: string,
  { conditions, after, count, address }: AddressRange,
): Statement {
  return {
    text: `WITH hits AS MATERIALIZED (
        SELECT * FROM rolecall.memberships m
          WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND lower(m.email) = lower($2)
            AND ($4::text IS NULL OR m.status = $4)
            AND ($3::uuid IS NULL OR (
              SELECT true FROM rolecall.assignments a
                WHERE a.organization_id = $1 AND a.membership_id = m.id AND a.role_id = $3::uuid))
      )
      SELECT counted.total, ${MEMBER_COLUMNS}
        FROM (SELECT count(*) AS total FROM hits) counted
        LEFT JOIN hits m ON (m.joined_at, m.id) > ($5::timestamptz, $6::uuid)
        ORDER BY m.joined_at, m.id LIMIT $7`,
    values: [organizationId, address, ...columnsOf(conditions), ...after, count],
  };
}

/** What a walk has met: members that match, and how many it passed until the last of them. */
export interface WalkedMembers {
  readonly members: readonly Member[];
  readonly walked: number;
}

/** Matching members in the order in which they joined, found by reading at most `steps` members in that order. */
export async function walkForMembers(
  reader: Reader,
  organizationId: string,
  range: WalkRange,
  steps: number,
): Promise<WalkedMembers> {
  const statement = walkStatement(organizationId, range, steps);
  const rows = await query<MemberRow & { readonly walked: number }>(reader, statement);
  return { members: rows.map(rowToMember), walked: rows.at(-1)?.walked ?? 0 };
}

/** The statement of `walkForMembers`: it stops at the first page that is full, or after `steps` members. */
export function walkStatement(
  organizationId: string,
  { conditions, after, count, pattern }: WalkRange,
  steps: number,
): Statement {
  const walk = walkOf(conditions, 7);
  return {
    text: `SELECT ${MEMBER_COLUMNS}, m.walked FROM (
        SELECT m.organization_id, m.user_id, m.email, m.name, m.photo_url, m.status, m.search_text,
            ${walk.joinedAt} AS joined_at, ${walk.id} AS id,
            row_number() OVER (ORDER BY ${walk.joinedAt}, ${walk.id}) AS walked
          ${walk.from} ORDER BY ${walk.joinedAt}, ${walk.id} LIMIT $4
      ) m WHERE m.search_text LIKE lower($6) ORDER BY m.joined_at, m.id LIMIT $5`,
    values: [organizationId, ...after, steps, count, pattern, ...walk.values],
  };
}

/** How many of the first `steps` members match; counting stops one after the limit of exact totals. */
export async function countByWalk(
  reader: Reader,
  organizationId: string,
  search: Pick<WalkRange, 'conditions' | 'pattern'>,
  steps: number,
): Promise<number> {
  const statement = countByWalkStatement(organizationId, search, steps);
  const [row] = await query<{ readonly total: number }>(reader, statement);
  return row?.total ?? 0;
}

/** The statement of `countByWalk`. */
export function countByWalkStatement(
  organizationId: string,
  { conditions, pattern }: Pick<WalkRange, 'conditions' | 'pattern'>,
  steps: number,
): Statement {
  const walk = walkOf(conditions, 7);
  return {
    text: `SELECT count(*) AS total FROM (
        SELECT 1 FROM (
          SELECT m.search_text ${walk.from} ORDER BY ${walk.joinedAt}, ${walk.id} LIMIT $4
        ) m WHERE m.search_text LIKE lower($6) LIMIT $5) counted`,
    values: [organizationId, ...FIRST_PLACE, steps, COUNTED_TO + 1, pattern, ...walk.values],
  };
}

/**
 * Matching members as the search index finds them, and how many there are altogether. It looks at `hitLimit`
 * of them at most, of any place in the order: a total that reaches it is of no use, nor are its members.
 */
export async function findByIndex(
  reader: Reader,
  organizationId: string,
  range: SearchRange,
  hitLimit?: number,
): Promise<FoundMembers> {
  const statement = findByIndexStatement(organizationId, range, hitLimit);
  return foundMembers(await query<FoundRow>(reader, statement));
}

/** The statement of `findByIndex`. */
export function findByIndexStatement(
  organizationId: string,
  { conditions, after, count, pattern, indexPattern }: SearchRange,
  hitLimit?: number,
): Statement {
  return {
    text: `SELECT f.total, ${MEMBER_COLUMNS}
      FROM rolecall.find_members($1, lower($2), lower($3), $4, $5, $6, $7, $8, $9) f
      LEFT JOIN LATERAL (
        SELECT * FROM rolecall.memberships m
          WHERE m.organization_id = $1 AND m.id = f.membership_id LIMIT 1) m ON true
      ORDER BY m.joined_at, m.id`,
    values: [
      organizationId,
      indexPattern,
      pattern,
      ...columnsOf(conditions),
      ...after,
      count,
      hitLimit ?? null,
    ],
  };
}

/** How many members match, by the search index; counting stops one after the limit of exact totals. */
export async function countByIndex(
  reader: Reader,
  organizationId: string,
  { conditions, pattern, indexPattern }: Omit<SearchRange, 'after' | 'count'>,
): Promise<number> {
  const [row] = await query<{ readonly total: number }>(reader, {
    text: 'SELECT total FROM rolecall.find_members($1, lower($2), lower($3), $4, $5, $6, $7, 0, $8)',
    values: [
      organizationId,
      indexPattern,
      pattern,
      ...columnsOf(conditions),
      ...FIRST_PLACE,
      COUNTED_TO + 1,
    ],
  });
  return row?.total ?? 0;
}

interface FoundRow extends MemberRow {
  readonly total: number;
}

/** A total without any member still makes one row, which has no membership. */
function foundMembers(rows: readonly FoundRow[]): FoundMembers {
  const found = rows.filter((row) => row.membership_id as string | null);
  return { members: found.map(rowToMember), total: rows[0]?.total ?? 0 };
}

function columnsOf({ roleId, status }: MemberConditions): readonly (string | null)[] {
  return [roleId ?? null, status ?? null];
}

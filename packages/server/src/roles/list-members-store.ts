import { query, type Reader, type Statement } from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type Member } from './member.ts';
import { FIRST_PLACE, type MemberConditions, type MemberPlace, walkOf } from './member-walk.ts';
import { MEMBER_COLUMNS, type MemberRow, rowToMember } from './members-store.ts';

/*
 * Lists are not prepared. A plan for organizations of average size and roles of average rarity is wrong for
 * those that are not, and prepared statements share connections on which nothing may take long.
 */

/** Which part of the members in their order is wanted. */
export interface MembersRange {
  readonly conditions: MemberConditions;
  readonly after: MemberPlace;
  readonly count: number;
}

/** Members in the order in which they joined, after a place, at most `count`. */
export async function pageMembers(
  reader: Reader,
  organizationId: string,
  range: MembersRange,
): Promise<readonly Member[]> {
  const rows = await query<MemberRow>(reader, pageMembersStatement(organizationId, range));
  return rows.map(rowToMember);
}

/** The statement of `pageMembers`: one range of one index. */
export function pageMembersStatement(
  organizationId: string,
  { conditions, after, count }: MembersRange,
): Statement {
  const walk = walkOf(conditions, 5);
  return {
    text: `SELECT ${MEMBER_COLUMNS} ${walk.from} ORDER BY ${walk.joinedAt}, ${walk.id} LIMIT $4`,
    values: [organizationId, ...after, count, ...walk.values],
  };
}

/** How many members there are; counting stops one after the limit of exact totals. */
export async function countMembers(
  reader: Reader,
  organizationId: string,
  conditions: MemberConditions,
): Promise<number> {
  const statement = countMembersStatement(organizationId, conditions);
  const [row] = await query<{ readonly total: number }>(reader, statement);
  return row?.total ?? 0;
}

/** The statement of `countMembers`. */
export function countMembersStatement(
  organizationId: string,
  conditions: MemberConditions,
): Statement {
  const walk = walkOf(conditions, 5);
  return {
    text: `SELECT count(*) AS total FROM (SELECT 1 ${walk.from} LIMIT $4) counted`,
    values: [organizationId, ...FIRST_PLACE, COUNTED_TO + 1, ...walk.values],
  };
}

/** How many members hold a role, from its counter; nothing when there is no such role. */
export async function findHolderCount(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<number | undefined> {
  const [row] = await query<{ readonly member_count: number }>(reader, {
    name: 'find_holder_count',
    text: `SELECT member_count FROM rolecall.roles
      WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL`,
    values: [organizationId, roleId],
  });
  return row?.member_count;
}

import { type MembershipStatus, type Reader } from '../database/index.ts';
import { getCounters } from '../identity/index.ts';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  indexPattern,
  isWholeAddress,
  likePattern,
  normalizeSearch,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
  type Total,
} from '../paging/index.ts';
import {
  countMembers,
  findHolderCount,
  type MembersRange,
  pageMembers,
} from './list-members-store.ts';
import { type Member } from './member.ts';
import { FIRST_PLACE, type MemberConditions } from './member-walk.ts';
import { isUuid, roleNotFound } from './role-refusals.ts';
import { searchMembers } from './search-members.ts';

export interface MemberFilter {
  /**
   * Found in name and e-mail: a substring from three characters, a word's beginning below; any script. A whole
   * e-mail address that somebody has finds them alone.
   */
  readonly search?: string | undefined;
  /** Only who holds this role. */
  readonly roleId?: string | undefined;
  readonly status?: MembershipStatus | undefined;
}

/**
 * One page of the live members, in the order in which they joined. Its cost does not depend on how many
 * there are. A search is counted once: its later pages repeat the total of the first. Throws
 * `organization_not_found`, `role_not_found`, `invalid_request`.
 */
export async function listMembers(
  reader: Reader,
  organizationId: string,
  page: PageRequest & MemberFilter,
): Promise<Page<Member>> {
  const limit = readLimit(page);
  const conditions = { roleId: page.roleId?.toLowerCase(), status: page.status };
  const search = normalizeSearch(page.search);
  if (search === undefined) return listAll(reader, organizationId, { page, conditions, limit });
  const { after, known } = readSearchCursor(page.cursor);
  const population = await countPopulation(reader, organizationId, conditions);
  const found = await searchMembers(reader, organizationId, {
    conditions,
    after,
    known,
    population,
    pattern: likePattern(search),
    indexPattern: indexPattern(search),
    address: isWholeAddress(search) ? search : undefined,
    count: limit + 1,
  });
  const { total, totalIs } = found.total;
  return toPage(found.members, {
    limit,
    total: found.total,
    toItem: (member) => member,
    cursorOf: ({ joinedAt, membershipId }) =>
      encodeCursor('found_members', [joinedAt, membershipId, total, totalIs === 'exact' ? 1 : 0]),
  });
}

interface ListRequest {
  readonly page: PageRequest;
  readonly conditions: MemberConditions;
  readonly limit: number;
}

async function listAll(
  reader: Reader,
  organizationId: string,
  { page, conditions, limit }: ListRequest,
): Promise<Page<Member>> {
  const [joinedAt, id] = decodeCursor('members', ['time', 'uuid'], page.cursor) ?? FIRST_PLACE;
  const after = [joinedAt ?? FIRST_PLACE[0], id ?? FIRST_PLACE[1]] as const;
  const population = await countPopulation(reader, organizationId, conditions);
  const total: Total =
    conditions.status === undefined
      ? { total: population, totalIs: 'exact' }
      : cappedTotal(await countMembers(reader, organizationId, conditions));
  const range: MembersRange = { conditions, after, count: limit + 1 };
  return toPage(await pageMembers(reader, organizationId, range), {
    limit,
    total,
    toItem: (member) => member,
    cursorOf: (last) => encodeCursor('members', [last.joinedAt, last.membershipId]),
  });
}

/** How many members a list walks through: those of the organization, or of a role. */
async function countPopulation(
  reader: Reader,
  organizationId: string,
  { roleId }: MemberConditions,
): Promise<number> {
  const { members } = await getCounters(reader, organizationId);
  if (roleId === undefined) return members;
  const holders = isUuid(roleId)
    ? await findHolderCount(reader, organizationId, roleId)
    : undefined;
  if (holders === undefined) throw roleNotFound([roleId]);
  return holders;
}

function readSearchCursor(cursor: PageRequest['cursor']): {
  readonly after: MembersRange['after'];
  readonly known: Total | undefined;
} {
  const keys = decodeCursor('found_members', ['time', 'uuid', 'number', 'number'], cursor);
  if (keys === undefined) return { after: FIRST_PLACE, known: undefined };
  const [joinedAt = FIRST_PLACE[0], id = FIRST_PLACE[1], total, exact] = keys;
  const known: Total = { total: Number(total), totalIs: exact === '1' ? 'exact' : 'at_least' };
  return { after: [joinedAt, id], known };
}

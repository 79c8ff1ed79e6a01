import { type Reader } from '../database/index.ts';
import { cappedTotal, COUNTED_TO, type Total } from '../paging/index.ts';
import { type Member } from './member.ts';
import {
  countByIndex,
  countByWalk,
  findByIndex,
  type SearchRange,
  walkForMembers,
} from './search-members-store.ts';

/*
 * A word that many members share is found at once by reading members in their order, and takes the search
 * index half a second in a million, because it collects all of them first. A word that few share is the other
 * way round. Nobody knows beforehand which it is, so a short walk finds out:
 *
 *   it fills the page         the word is common: the page is there
 *   it reaches the last one   all is known
 *   neither                   the word is rare: the index has few to collect
 */

/** How far the first walk goes, at least, and for each member of the page. */
const WALK_STEPS = 5_000;
const WALK_STEPS_PER_MEMBER = 20;

/** Where at least this share matches, walking counts faster than the index does. */
const WALK_SHARE = 0.2;
const COUNT_STEPS = Math.ceil((2 * COUNTED_TO) / WALK_SHARE);

/** Which search, among how many members; and its total, when an earlier page has counted already. */
export interface Search extends SearchRange {
  readonly population: number;
  readonly known: Total | undefined;
}

/** Up to `count` members that match, and how many there are in all. */
export interface Found {
  readonly members: readonly Member[];
  readonly total: Total;
}

/** One page of a search through the members, at a cost that does not depend on how many there are. */
export async function searchMembers(
  reader: Reader,
  organizationId: string,
  search: Search,
): Promise<Found> {
  const steps = WALK_STEPS + WALK_STEPS_PER_MEMBER * search.count;
  const { members, walked } = await walkForMembers(reader, organizationId, search, steps);
  const filled = members.length === search.count;
  if (!filled && search.population > steps) {
    const { members: found, total } = await findByIndex(reader, organizationId, search);
    return { members: found, total: search.known ?? cappedTotal(total) };
  }
  const share = filled ? search.count / walked : 1;
  const total = search.known ?? (await countFound(reader, organizationId, search, share));
  return { members, total };
}

async function countFound(
  reader: Reader,
  organizationId: string,
  search: Search,
  share: number,
): Promise<Total> {
  if (share >= WALK_SHARE || search.population <= WALK_STEPS) {
    const count = await countByWalk(reader, organizationId, search, COUNT_STEPS);
    if (count > COUNTED_TO || search.population <= COUNT_STEPS) return cappedTotal(count);
  }
  return cappedTotal(await countByIndex(reader, organizationId, search));
}

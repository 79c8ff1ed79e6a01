import { type Reader } from '../database/index.ts';
import { cappedTotal, COUNTED_TO, type Total } from '../paging/index.ts';
import { type Member } from './member.ts';
import {
  countByIndex,
  countByWalk,
  findByAddress,
  findByIndex,
  type SearchRange,
  walkForMembers,
} from './search-members-store.ts';

/*
 * A word that many members share is found at once by reading members in their order, and takes the search
 * index half a second in a million, because it collects all of them first. A word that few share is the other
 * way round. Nobody knows beforehand which it is, so it is found out at a price that is small either way:
 *
 *   a short walk fills the page    the word is common: the page is there
 *   it reaches the last member     all is known
 *   the index has few for it       the word is rare: these are all (not tried where the walk met too many)
 *   a longer walk fills the page   the word is neither, or is common and those who joined first lack it
 *   nothing of that                the index collects all of them
 *
 * Before all that, a whole e-mail address that somebody has finds who has it, and nobody else.
 */

/** How far walks go: the first one, and the one after it. A step through a role is a look into another table. */
const SHORT_WALK = { least: 1_000, perMember: 20 };
const LONG_WALK = { least: 5_000, perMember: 20 };
const STEPS_IN_A_ROLE = 0.25;
/** So many are few. */
const FEW = 1_000;

/** Where at least this share matches, walking counts faster than the index does. */
const WALK_SHARE = 0.2;
const COUNT_STEPS = Math.ceil((2 * COUNTED_TO) / WALK_SHARE);

/** Which search, among how many members; and its total, when an earlier page has counted already. */
export interface Search extends SearchRange {
  /** What was typed, when that is a whole e-mail address. */
  readonly address: string | undefined;
  readonly population: number;
  readonly known: Total | undefined;
}

/** Up to `count` members that match, and how many there are in all. */
export interface Found {
  readonly members: readonly Member[];
  readonly total: Total;
}

/** One page of a search through the members, at a cost that hardly depends on how many there are. */
export async function searchMembers(
  reader: Reader,
  organizationId: string,
  search: Search,
): Promise<Found> {
  const { address } = search;
  if (address !== undefined) {
    const { members, total } = await findByAddress(reader, organizationId, { ...search, address });
    if (total > 0) return { members, total: search.known ?? cappedTotal(total) };
  }
  const first = await walk(reader, organizationId, search, SHORT_WALK);
  if (first.isDone) return countedBy(reader, organizationId, search, first);
  if (first.expected < FEW) {
    const few = await findByIndex(reader, organizationId, search, FEW);
    if (few.total < FEW) {
      return { members: few.members, total: search.known ?? cappedTotal(few.total) };
    }
  }
  const second = await walk(reader, organizationId, search, LONG_WALK);
  if (second.isDone) return countedBy(reader, organizationId, search, second);
  const { members, total } = await findByIndex(reader, organizationId, search);
  return { members, total: search.known ?? cappedTotal(total) };
}

/**
 * A walk that is done has filled the page, or met everybody; `share` of those it passed match. Where everybody
 * is as those it has passed, `expected` are found in all.
 */
interface Walked {
  readonly members: readonly Member[];
  readonly isDone: boolean;
  readonly share: number;
  readonly expected: number;
}

async function walk(
  reader: Reader,
  organizationId: string,
  search: Search,
  length: typeof SHORT_WALK,
): Promise<Walked> {
  const steps = Math.ceil(
    (length.least + length.perMember * search.count) *
      (search.conditions.roleId === undefined ? 1 : STEPS_IN_A_ROLE),
  );
  const { members, walked } = await walkForMembers(reader, organizationId, search, steps);
  const isFilled = members.length === search.count;
  return {
    members,
    isDone: isFilled || search.population <= steps,
    share: isFilled ? search.count / walked : 1,
    expected: (members.length / steps) * search.population,
  };
}

async function countedBy(
  reader: Reader,
  organizationId: string,
  search: Search,
  { members, share }: Walked,
): Promise<Found> {
  return {
    members,
    total: search.known ?? (await countFound(reader, organizationId, search, share)),
  };
}

async function countFound(
  reader: Reader,
  organizationId: string,
  search: Search,
  share: number,
): Promise<Total> {
  if (share >= WALK_SHARE || search.population <= LONG_WALK.least) {
    const count = await countByWalk(reader, organizationId, search, COUNT_STEPS);
    if (count > COUNTED_TO || search.population <= COUNT_STEPS) return cappedTotal(count);
  }
  return cappedTotal(await countByIndex(reader, organizationId, search));
}

import { limits } from '@rolecall/contract';
import { refusal } from '../errors/index.ts';

/** Which page of a list is wanted: at most `limit` items after the one that `cursor` names. */
export interface PageRequest {
  readonly limit?: number;
  /** The `nextCursor` of the page before; none for the first page. */
  readonly cursor?: string | null;
}

/** How many items a list has on all its pages; `at_least` when nobody counted to the end. */
export interface Total {
  readonly total: number;
  readonly totalIs: 'exact' | 'at_least';
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface Page<Item> extends Total {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

/** Nobody counts further than this where there is no counter. */
export const COUNTED_TO = 10_000;

/** The total from a count that stopped at one more than `COUNTED_TO`. */
export function cappedTotal(count: number): Total {
  return count > COUNTED_TO
    ? { total: COUNTED_TO, totalIs: 'at_least' }
    : { total: count, totalIs: 'exact' };
}

/** The page size that a request asks for. Throws `invalid_request` when it is not between 1 and the limit. */
export function readLimit(request: PageRequest): number {
  const limit = request.limit ?? limits.defaultPageSize;
  if (Number.isInteger(limit) && limit >= 1 && limit <= limits.pageSize) return limit;
  const message = `must be a whole number from 1 to ${limits.pageSize}`;
  throw refusal('invalid_request', `the limit \`${limit}\` ${message}`, {
    problems: [{ path: 'limit', message }],
  });
}

/**
 * A page from rows in order, of which one more than `limit` was asked for: the one too many says that
 * there is a next page and is left out. `cursorOf` names the last row of the page.
 */
export function toPage<Row, Item>(
  rows: readonly Row[],
  { limit, total, toItem, cursorOf }: PageParts<Row, Item>,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? cursorOf(last) : null;
  return { data: shown.map(toItem), nextCursor, ...total };
}

interface PageParts<Row, Item> {
  readonly limit: number;
  readonly total: Total;
  readonly toItem: (row: Row) => Item;
  readonly cursorOf: (row: Row) => string;
}

import { z } from 'zod';
import type { OrderedIds } from '../state/index.ts';
import type { Json } from '../wire/index.ts';

/** The query parameters that every paginated list has. */
export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  order: z.enum(['asc', 'desc', 'normal']).default('desc'),
  before: z.string().optional(),
  after: z.string().optional(),
});

export type ListQuery = z.infer<typeof listQuery>;

export interface Page {
  readonly ids: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * One page of the union of disjoint sets of ids. A cursor is a place in the order of ids, so pages stay
 * right when items are added, and when the item of the cursor is deleted. `normal` is `desc` with the
 * two cursors exchanged.
 */
export function pageOf(sources: readonly OrderedIds[], query: ListQuery): Page {
  if (query.order !== 'normal') return readPage(sources, query, query.order === 'desc');
  const { ids, before, after } = readPage(
    sources,
    { ...query, before: query.after, after: query.before },
    true,
  );
  return { ids, before: after, after: before };
}

/** The body of a paginated list. */
export function listBody(data: readonly Json[], page: Page): Json {
  return {
    object: 'list',
    data,
    list_metadata: { before: page.before, after: page.after },
  };
}

function readPage(
  sources: readonly OrderedIds[],
  query: Pick<ListQuery, 'limit' | 'before' | 'after'>,
  descending: boolean,
): Page {
  const backward = query.before !== undefined && query.after === undefined;
  const bound = query.after ?? query.before ?? null;
  const found = collect(sources, bound, query.limit, descending !== backward);
  const ids = backward ? found.toReversed() : found;
  const first = ids.at(0);
  const last = ids.at(-1);
  if (first === undefined || last === undefined) return { ids, before: null, after: null };
  return {
    ids,
    before: collect(sources, first, 1, !descending).length > 0 ? first : null,
    after: collect(sources, last, 1, descending).length > 0 ? last : null,
  };
}

function collect(
  sources: readonly OrderedIds[],
  bound: string | null,
  count: number,
  descending: boolean,
): readonly string[] {
  const read = (ids: OrderedIds): readonly string[] =>
    descending ? ids.below(bound, count) : ids.above(bound, count);
  const [only, ...others] = sources;
  if (!only) return [];
  if (others.length === 0) return read(only);
  const merged = sources.flatMap((ids) => read(ids)).toSorted();
  return (descending ? merged.toReversed() : merged).slice(0, count);
}

import { type z } from 'zod';
import { callName, type WorkosCall } from './call.ts';
import { type Caller } from './caller.ts';
import { workosFailure } from './failure.ts';
import { type ListOptions, type PageOptions, type RemotePage } from './port.ts';
import { readItems, rawPageShape } from './wire.ts';

const LARGEST_PAGE = 100;

/** One page of the list that `call` names, oldest first. */
export async function listPage<T>(
  caller: Caller,
  call: WorkosCall,
  item: z.ZodType<T>,
  { after, limit = LARGEST_PAGE, ...options }: PageOptions = {},
): Promise<RemotePage<T>> {
  // Ascending: what is created while somebody pages comes last, and is seen.
  const query = {
    ...call.query,
    limit: String(limit),
    order: 'asc',
    ...(after !== undefined && { after }),
  };
  const page = await caller({ ...call, query }, rawPageShape, options);
  return { items: readItems(call, item, page.data, options.onUnreadable), next: page.next };
}

/**
 * Everything that the list names, page by page; the consumer sets the pace.
 *
 * INVARIANT (complete listing): it comes to its end only after the last page was read. A page that fails,
 * or that leads to itself, ends it with a failure.
 */
export async function* listAll<T>(
  caller: Caller,
  call: WorkosCall,
  item: z.ZodType<T>,
  options: ListOptions = {},
): AsyncGenerator<T, void, undefined> {
  let after: string | null = null;
  do {
    const page: RemotePage<T> = await listPage(caller, call, item, {
      ...options,
      ...(after !== null && { after }),
    });
    yield* page.items;
    if (page.next !== null && page.next === after) {
      throw workosFailure('malformed', 'listing_stuck', { call: callName(call) });
    }
    after = page.next;
  } while (after !== null);
}

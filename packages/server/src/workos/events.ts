import { callName, type WorkosCall } from './call.ts';
import { type Caller } from './caller.ts';
import { type RemoteEvent } from './facts.ts';
import { isWorkosFailure, workosFailure, type WorkosFailureFacts } from './failure.ts';
import { type EventPage, type EventQuery, type WorkosPort } from './port.ts';
import { eventShape, rawPageShape, readItems } from './wire.ts';

const LARGEST_PAGE = 100;

/** The part of the port that is about the stream of events. */
export function eventCalls(caller: Caller): Pick<WorkosPort, 'listEvents'> {
  return {
    listEvents: async (asked, options) => {
      const call = eventsCall(asked);
      const page = await caller(call, rawPageShape, options).catch((error: unknown) => {
        throw judgeCursor(asked, error);
      });
      return inOrder(call, asked, readItems(call, eventShape, page.data), page.next);
    },
  };
}

/** No `order` is asked for: WorkOS ignores it, and whoever began to heed it would turn the stream round. */
function eventsCall({ types, after, since, limit = LARGEST_PAGE }: EventQuery): WorkosCall {
  return {
    method: 'GET',
    route: '/events',
    query: {
      events: types.join(','),
      limit: String(limit),
      ...(after !== undefined && { after }),
      ...(after === undefined && since !== undefined && { range_start: since }),
    },
  };
}

/**
 * Takes a page for what it should be, or throws.
 *
 * INVARIANT (no event is passed over): the cursor moves only to the last event of a page that begins after
 * the old cursor and ascends. A page in any other order may hide events behind the new cursor, so nothing
 * of it is used. The event of the cursor itself, shown once more, is dropped.
 */
function inOrder(
  call: WorkosCall,
  { after }: EventQuery,
  shown: readonly RemoteEvent[],
  next: string | null,
): EventPage {
  const events = shown[0]?.id === after ? shown.slice(1) : shown;
  const facts = { call: callName(call) };
  if (!events.every((event, index) => index === 0 || before(events[index - 1], event))) {
    throw workosFailure('malformed', 'events_out_of_order', facts);
  }
  const [first] = events;
  if (after !== undefined && first !== undefined && first.id <= after) {
    throw workosFailure('malformed', 'events_restarted', facts);
  }
  const cursor = events.at(-1)?.id ?? next ?? after ?? null;
  if (next !== null && cursor === after) {
    throw workosFailure('malformed', 'listing_stuck', facts);
  }
  return { events, cursor, more: next !== null };
}

function before(left: RemoteEvent | undefined, right: RemoteEvent): boolean {
  return left !== undefined && left.id < right.id;
}

/** With a cursor, all that WorkOS can find wrong with the question is the cursor. */
function judgeCursor({ after }: EventQuery, error: unknown): unknown {
  if (after === undefined || !isWorkosFailure(error, 'rejected') || error.status !== 400)
    return error;
  const facts: WorkosFailureFacts = {
    call: error.call,
    status: error.status,
    cause: error,
    ...(error.requestId !== null && { requestId: error.requestId }),
  };
  return workosFailure('rejected', 'unknown_cursor', facts);
}

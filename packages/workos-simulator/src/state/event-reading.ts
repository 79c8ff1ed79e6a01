import type { LoggedEvent } from './logged-event.ts';

/** What a reader asks for; ids are exclusive bounds, times inclusive. */
export interface EventQuery {
  readonly types: ReadonlySet<string>;
  readonly organizationId: string | null;
  readonly after: string | null;
  readonly before: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly limit: number;
}

/** A page of events, oldest first, and whether there are more before and after it. */
export interface EventPage {
  readonly events: readonly LoggedEvent[];
  readonly more: boolean;
}

/** One more than the limit of the oldest events of a list that the query wants. */
export function takeForward(
  list: readonly LoggedEvent[],
  query: EventQuery,
  now: number,
): readonly LoggedEvent[] {
  const events: LoggedEvent[] = [];
  let index = query.after === null ? firstSince(list, query.from) : placeAfter(list, query.after);
  for (; index < list.length && events.length <= query.limit; index += 1) {
    const event = list[index];
    if (!event || (query.to !== null && event.createdAt > query.to)) break;
    // Relies on INVARIANT (time-ordered stream): behind a late event nothing else is visible.
    if (event.visibleAt > now && !event.overtakable) break;
    if (event.visibleAt <= now) events.push(event);
  }
  return events;
}

/** One more than the limit of the newest events of a list that are before the query's cursor. */
export function takeBackward(
  list: readonly LoggedEvent[],
  query: EventQuery,
  now: number,
): readonly LoggedEvent[] {
  const events: LoggedEvent[] = [];
  let index = placeAfter(list, query.before ?? '') - 1;
  for (; index >= 0 && events.length <= query.limit; index -= 1) {
    const event = list[index];
    if (!event || (query.from !== null && event.createdAt < query.from)) break;
    if (event.id !== query.before && event.visibleAt <= now) events.push(event);
  }
  return events;
}

/** The first place whose event has an id greater than `id`. */
export function placeAfter(events: readonly LoggedEvent[], id: string): number {
  return partition(events, (event) => event.id <= id);
}

function firstSince(events: readonly LoggedEvent[], from: number | null): number {
  return from === null ? 0 : partition(events, (event) => event.createdAt < from);
}

function partition(
  events: readonly LoggedEvent[],
  before: (event: LoggedEvent) => boolean,
): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const event = events[middle];
    if (event && before(event)) low = middle + 1;
    else high = middle;
  }
  return low;
}

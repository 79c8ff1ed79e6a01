import { draw, drawBetween } from '../random.ts';

/** One thing that happened; `data` is the object as the API shows it at that instant. */
export interface LoggedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** Null for what concerns no organization: users and environment roles. */
  readonly organizationId: string | null;
  /** From when on `GET /events` shows it. */
  readonly visibleAt: number;
  /** While it is not visible yet, later events may already be shown. */
  readonly overtakable: boolean;
}

/** How late events become visible. */
export interface Lateness {
  /** The share of events that are late, 0 to 1. */
  readonly rate: number;
  /** By how many milliseconds, from and to. */
  readonly ms: readonly [low: number, high: number];
  /**
   * Whether later events are shown while a late one is not. WorkOS promises a consistent order, so this
   * is a fault beyond its promises: a reader with a cursor never sees such an event.
   */
  readonly overtake: boolean;
}

export const PUNCTUAL: Lateness = { rate: 0, ms: [0, 0], overtake: false };

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

/**
 * The stream of events. INVARIANT (time-ordered stream): ids ascend as events are appended, and
 * `visibleAt` never descends among events that cannot be overtaken, so a reader who saw an event has
 * been shown all such events before it.
 */
export class EventLog {
  readonly #seed: string;
  #events: LoggedEvent[] = [];
  readonly #byOrganization = new Map<string, LoggedEvent[]>();
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #lastVisibleAt = 0;
  #expired = 0;
  lateness: Lateness = PUNCTUAL;

  constructor(seed: string) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#events.length;
  }

  /** How many events retention has removed. */
  get expired(): number {
    return this.#expired;
  }

  subscribe(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  append(event: Omit<LoggedEvent, 'visibleAt' | 'overtakable'>): LoggedEvent {
    const { rate, ms, overtake } = this.lateness;
    const late = rate > 0 && draw(this.#seed, 'late', event.id) < rate;
    const due = event.createdAt + (late ? drawBetween(ms, this.#seed, 'late by', event.id) : 0);
    const overtakable = late && overtake;
    const logged: LoggedEvent = {
      ...event,
      visibleAt: overtakable ? due : Math.max(due, this.#lastVisibleAt),
      overtakable,
    };
    if (!overtakable) this.#lastVisibleAt = logged.visibleAt;
    this.#store(logged);
    for (const listener of this.#listeners) listener(logged);
    return logged;
  }

  /** All events that are kept, visible or not. */
  toArray(): readonly LoggedEvent[] {
    return this.#events;
  }

  find(id: string): LoggedEvent | undefined {
    const event = this.#events[placeAfter(this.#events, id) - 1];
    return event?.id === id ? event : undefined;
  }

  /** Whether any event of this organization is kept. */
  mentions(organizationId: string): boolean {
    return this.#byOrganization.has(organizationId);
  }

  read(query: EventQuery, now: number): EventPage {
    const source =
      query.organizationId === null
        ? this.#events
        : (this.#byOrganization.get(query.organizationId) ?? []);
    return query.before === null
      ? readForward(source, query, now)
      : readBackward(source, query, now);
  }

  /** Removes the events that `isExpired` accepts, from the oldest on. */
  expireWhile(isExpired: (event: LoggedEvent, remaining: number) => boolean): number {
    const total = this.#events.length;
    const kept = this.#events.findIndex((event, index) => !isExpired(event, total - index));
    const count = kept === -1 ? total : kept;
    if (count === 0) return 0;
    const gone = this.#events.splice(0, count);
    for (const [organizationId, events] of this.#byOrganization) {
      const last = gone.at(-1);
      const rest = events.slice(last ? placeAfter(events, last.id) : 0);
      if (rest.length === 0) this.#byOrganization.delete(organizationId);
      else this.#byOrganization.set(organizationId, rest);
    }
    this.#expired += count;
    return count;
  }

  /** Makes everything that is late visible at once. */
  reveal(): void {
    const shown = this.#events.map((event) => ({ ...event, visibleAt: event.createdAt }));
    this.replace(shown, this.#expired);
  }

  /** Puts a saved stream in place of this one. */
  replace(events: readonly LoggedEvent[], expired: number): void {
    this.#events = [];
    this.#byOrganization.clear();
    this.#expired = expired;
    this.#lastVisibleAt = 0;
    for (const event of events) {
      this.#store(event);
      if (event.overtakable) continue;
      this.#lastVisibleAt = Math.max(this.#lastVisibleAt, event.visibleAt);
    }
  }

  #store(event: LoggedEvent): void {
    this.#events.push(event);
    if (event.organizationId === null) return;
    const events = this.#byOrganization.get(event.organizationId);
    if (events) events.push(event);
    else this.#byOrganization.set(event.organizationId, [event]);
  }
}

function readForward(source: readonly LoggedEvent[], query: EventQuery, now: number): EventPage {
  const events: LoggedEvent[] = [];
  let index =
    query.after === null ? firstSince(source, query.from) : placeAfter(source, query.after);
  for (; index < source.length; index += 1) {
    const event = source[index];
    if (!event) break;
    if (event.visibleAt > now) {
      if (event.overtakable) continue;
      break;
    }
    if (query.to !== null && event.createdAt > query.to) break;
    if (!query.types.has(event.event)) continue;
    if (events.length === query.limit) return { events, more: true };
    events.push(event);
  }
  return { events, more: false };
}

function readBackward(source: readonly LoggedEvent[], query: EventQuery, now: number): EventPage {
  const events: LoggedEvent[] = [];
  for (let index = placeAfter(source, query.before ?? '') - 1; index >= 0; index -= 1) {
    const event = source[index];
    if (!event || (query.from !== null && event.createdAt < query.from)) break;
    if (event.id === query.before || event.visibleAt > now) continue;
    if (!query.types.has(event.event)) continue;
    if (events.length === query.limit) break;
    events.unshift(event);
  }
  return { events, more: true };
}

/** The first place whose event has an id greater than `id`. */
function placeAfter(events: readonly LoggedEvent[], id: string): number {
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

import { draw, drawBetween } from '../random.ts';
import {
  type EventPage,
  type EventQuery,
  placeAfter,
  takeBackward,
  takeForward,
} from './event-reading.ts';
import type { LoggedEvent } from './logged-event.ts';

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

/**
 * The stream of events. INVARIANT (time-ordered stream): ids ascend as events are appended, and
 * `visibleAt` never descends among events that cannot be overtaken, so a reader who saw an event has
 * been shown all such events before it.
 */
export class EventLog {
  readonly #seed: string;
  #events: LoggedEvent[] = [];
  /** By type, and by organization and type: what a reader asks for is merged from these. */
  readonly #lists = new Map<string, LoggedEvent[]>();
  readonly #perOrganization = new Map<string, number>();
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
    return this.#perOrganization.has(organizationId);
  }

  read(query: EventQuery, now: number): EventPage {
    const lists = [...query.types].map(
      (type) => this.#lists.get(listKey(query.organizationId, type)) ?? [],
    );
    const take = query.before === null ? takeForward : takeBackward;
    const events = lists
      .flatMap((list) => take(list, query, now))
      .toSorted((left, right) => (left.id < right.id ? -1 : 1));
    const more = events.length > query.limit;
    if (!more) return { events, more };
    return {
      events: query.before === null ? events.slice(0, query.limit) : events.slice(-query.limit),
      more,
    };
  }

  /** Removes the events that `isExpired` accepts, from the oldest on. */
  expireWhile(isExpired: (event: LoggedEvent, remaining: number) => boolean): number {
    const total = this.#events.length;
    const kept = this.#events.findIndex((event, index) => !isExpired(event, total - index));
    const count = kept === -1 ? total : kept;
    if (count === 0) return 0;
    this.#events.splice(0, count).forEach((event) => {
      this.#forget(event);
    });
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
    this.#lists.clear();
    this.#perOrganization.clear();
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
    for (const key of listKeys(event)) {
      const list = this.#lists.get(key);
      if (list) list.push(event);
      else this.#lists.set(key, [event]);
    }
    const { organizationId } = event;
    if (organizationId === null) return;
    this.#perOrganization.set(organizationId, (this.#perOrganization.get(organizationId) ?? 0) + 1);
  }

  /** Takes away an event, the oldest one of each of its lists. */
  #forget(event: LoggedEvent): void {
    for (const key of listKeys(event)) {
      const list = this.#lists.get(key);
      list?.shift();
      if (list?.length === 0) this.#lists.delete(key);
    }
    const { organizationId } = event;
    if (organizationId === null) return;
    const rest = (this.#perOrganization.get(organizationId) ?? 0) - 1;
    if (rest > 0) this.#perOrganization.set(organizationId, rest);
    else this.#perOrganization.delete(organizationId);
  }
}

function listKey(organizationId: string | null, type: string): string {
  return `${organizationId ?? ''} ${type}`;
}

function listKeys(event: LoggedEvent): readonly string[] {
  const all = listKey(null, event.event);
  return event.organizationId === null ? [all] : [all, listKey(event.organizationId, event.event)];
}

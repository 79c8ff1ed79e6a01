import type { Hono } from 'hono';
import { z } from 'zod';
import {
  type EventPage,
  type EventQuery,
  type LoggedEvent,
  Refusal,
  type World,
} from '../state/index.ts';
import { isoTime, type Json } from '../wire/index.ts';
import { commaList, readQuery } from './input.ts';

const time = z
  .string()
  .transform((value) => Date.parse(value))
  .refine((value) => !Number.isNaN(value), 'must be an ISO 8601 date');

// `order` is read and ignored: the real API answers oldest first whatever it says.
const query = z.object({
  events: commaList.optional(),
  after: z.string().optional(),
  before: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(10),
  order: z.enum(['asc', 'desc', 'normal']).optional(),
  range_start: time.optional(),
  range_end: time.optional(),
  organization_id: z.string().optional(),
});

/** How `GET /events` behaves where documentation is silent, or misbehaves on request. */
export interface EventStreamManners {
  retentionMs: number;
  /** What a cursor gets that names no event that is kept: 400, or the stream from its beginning. */
  unknownCursor: 'refuse' | 'restart';
  /** Shows the event of the cursor again, so that a reader meets it twice. */
  inclusiveCursor: boolean;
  /** Answers newest first, as the reference says and the API does not. */
  newestFirst: boolean;
}

/** `/events`. */
export function eventRoutes(app: Hono, world: World, manners: EventStreamManners): void {
  app.get('/events', (c) => {
    const asked = readQuery(c, query);
    const types = asked.events ?? [];
    if (types.length === 0) throw invalidField('required', 'events');
    if (asked.after !== undefined && asked.range_start !== undefined) {
      throw invalidField('mutually_exclusive', 'range_start');
    }
    expireOld(world, manners);
    if (asked.organization_id !== undefined) assertKnown(world, asked.organization_id);
    const page = world.events.read(
      {
        types: new Set(types),
        organizationId: asked.organization_id ?? null,
        after: cursor(world, manners, asked.after),
        before: cursor(world, manners, asked.before),
        from: asked.range_start ?? null,
        to: asked.range_end ?? null,
        limit: asked.limit,
      } satisfies EventQuery,
      world.now(),
    );
    return c.json(body(world, manners, page, asked.after));
  });
}

/** An event as the stream and webhooks show it. */
export function eventJson(event: LoggedEvent): Json {
  return {
    object: 'event',
    id: event.id,
    event: event.event,
    data: event.data,
    created_at: isoTime(event.createdAt),
  };
}

/** Removes what is older than the retention. */
export function expireOld(world: World, manners: EventStreamManners): void {
  const horizon = world.now() - manners.retentionMs;
  world.events.expireWhile((event) => event.createdAt < horizon);
}

function body(
  world: World,
  manners: EventStreamManners,
  page: EventPage,
  after: string | undefined,
): Json {
  const again =
    manners.inclusiveCursor && after !== undefined ? world.events.find(after) : undefined;
  const events = again ? [again, ...page.events] : page.events;
  const last = page.events.at(-1);
  const shown = manners.newestFirst ? events.toReversed() : events;
  return {
    object: 'list',
    data: shown.map(eventJson),
    // Unlike other lists, this one has no cursor back.
    list_metadata: { after: page.more && last ? last.id : null },
  };
}

function cursor(world: World, manners: EventStreamManners, id: string | undefined): string | null {
  if (id === undefined) return null;
  if (world.events.find(id)) return id;
  if (manners.unknownCursor === 'restart') return null;
  throw new Refusal(400, { message: `Event not found: '${id}'.` });
}

function assertKnown(world: World, organizationId: string): void {
  const known = world.store.organizations.find(organizationId) ?? null;
  if (known === null && !world.events.mentions(organizationId)) {
    throw new Refusal(400, { message: `Organization not found: '${organizationId}'.` });
  }
}

function invalidField(code: string, field: string): Refusal {
  return new Refusal(422, { message: 'Validation failed.', errors: [{ code, field }] });
}

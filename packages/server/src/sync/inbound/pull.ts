import { type Db, inTransaction, type Tx } from '../../database/index.ts';
import { RolecallError } from '../../errors/index.ts';
import {
  isWorkosFailure,
  type RemoteEvent,
  syncedEventTypes,
  type WorkosPort,
} from '../../workos/index.ts';
import {
  forgetOldEvents,
  moveCursor,
  noteReadToEnd,
  readCursor,
  storeEvents,
  unreadEvents,
  wantSnapshots,
} from './inbox-store.ts';
import { ingest } from './ingest.ts';

export interface PullOptions {
  readonly db: Db;
  readonly port: WorkosPort;
  /** Told after each page was stored and before each one is; for tests that make a process die there. */
  readonly reached?: (step: 'read' | 'stored') => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** What a pull has found. `restarted`: the cursor was too old, and everything is compared as a whole. */
export interface PullResult {
  readonly events: number;
  readonly restarted: boolean;
}

const STREAM = 'events';
/** How far back the first read begins, and the search for a new head. */
const FIRST_READ_MS = 3_600_000;
/** Unread for longer, an empty stream may have had what a first read does not show; the rest is for skewed clocks. */
const LONGEST_UNREAD_MS = FIRST_READ_MS / 2;

/**
 * Reads the stream of events from where it was left to its end. A page is stored with what it marks and with
 * the new cursor in one transaction, or not at all; where somebody else has read on meanwhile, from there.
 * Throws what calls throw.
 */
export async function pullEvents(options: PullOptions): Promise<PullResult> {
  const { db, port, signal } = options;
  let events = 0;
  for (;;) {
    const from = await readCursor(db, STREAM);
    try {
      const asked = from === null ? { since: startOf() } : { after: from };
      const page = await port.listEvents({ types: syncedEventTypes, limit: 100, ...asked });
      await options.reached?.('read');
      if (page.events.length > 0) events += await store(options, from, page);
      if (!page.more) {
        await noteEnd(db, page.cursor ?? from);
        await forgetOldEvents(db);
      }
      if (!page.more || signal?.aborted === true) return { events, restarted: false };
    } catch (error) {
      if (from === null || !isWorkosFailure(error, 'unknown_cursor')) throw error;
      await restart(options, from);
      return { events, restarted: true };
    }
  }
}

type Page = Awaited<ReturnType<WorkosPort['listEvents']>>;

/** How many of the events were new. */
async function store(options: PullOptions, from: string | null, page: Page): Promise<number> {
  if (page.cursor === null) return 0;
  const fresh = await storePage(options.db, from, page).catch((error: unknown) => {
    if (stopsReading(error)) throw error;
    // One of them cannot be stored. Each is taken by itself, so that it holds up none of the others.
    return storeEach(options.db, from, page);
  });
  await options.reached?.('stored');
  return fresh;
}

async function storePage(db: Db, from: string | null, { events, cursor }: Page): Promise<number> {
  return inTransaction(db, async (tx) => {
    if (!(await moveCursor(tx, STREAM, { from, to: cursor }))) return 0;
    const unread = await unreadEvents(
      tx,
      events.map(({ id }) => id),
    );
    const rows = await ingest(
      tx,
      events.filter(({ id }) => unread.has(id)),
    );
    await storeEvents(tx, rows);
    await compareAtBeginning(tx, from);
    return rows.length;
  });
}

/** INVARIANT (quarantine): an event that cannot be taken in is stored without its payload, and passed. */
async function storeEach(db: Db, from: string | null, { events, cursor }: Page): Promise<number> {
  let fresh = 0;
  let at = from;
  for (const event of events) {
    const alone = { events: [event], cursor: event.id, more: true };
    const position = at;
    fresh += await storePage(db, position, alone).catch(async (error: unknown) => {
      if (stopsReading(error)) throw error;
      return quarantine(db, position, event);
    });
    at = event.id;
  }
  if (cursor !== at) {
    const position = at;
    await inTransaction(db, async (tx) => {
      if (await moveCursor(tx, STREAM, { from: position, to: cursor }))
        await compareAtBeginning(tx, position);
    });
  }
  return fresh;
}

async function quarantine(db: Db, from: string | null, event: RemoteEvent): Promise<number> {
  return inTransaction(db, async (tx) => {
    if (!(await moveCursor(tx, STREAM, { from, to: event.id }))) return 0;
    const bare = { ...event, data: {} };
    await storeEvents(tx, [{ event: bare, state: 'quarantined', reason: 'unprocessable' }]);
    await compareAtBeginning(tx, from);
    return 1;
  });
}

/**
 * INVARIANT (beginning): the first events that are read may have others before them that nobody has read and that
 * no read will show any more, so everything is compared as a whole after them. It comes last in the transaction:
 * whoever works on an organization locks it before its row.
 */
async function compareAtBeginning(tx: Tx, from: string | null): Promise<void> {
  if (from === null) await wantSnapshots(tx);
}

/** The same for a stream that has shown nothing yet: what is older than a first read looks may have been missed. */
async function noteEnd(db: Db, position: string | null): Promise<void> {
  await inTransaction(db, async (tx) => {
    const since = await noteReadToEnd(tx, STREAM, position);
    const missable = since === null || since > LONGEST_UNREAD_MS;
    if (position === null && missable) await wantSnapshots(tx);
  });
}

/** Whether reading cannot go on at all, whichever event it is. */
function stopsReading(error: unknown): boolean {
  return error instanceof RolecallError && error.species === 'outage';
}

/**
 * The event of the cursor is not kept any more, so events were missed. The head is taken first and everything
 * is compared afterwards: what happens meanwhile is after the head, and is read from there.
 */
async function restart({ db, port }: PullOptions, from: string): Promise<void> {
  const head = await findHead(port);
  await inTransaction(db, async (tx) => {
    if (!(await moveCursor(tx, STREAM, { from, to: head }))) return;
    await wantSnapshots(tx);
  });
}

/** The newest event there is; null when none is kept, which the next read begins without. */
async function findHead(port: WorkosPort): Promise<string | null> {
  let page = await port.listEvents({ types: syncedEventTypes, since: startOf(), limit: 100 });
  while (page.more && page.cursor !== null) {
    page = await port.listEvents({ types: syncedEventTypes, after: page.cursor, limit: 100 });
  }
  if (page.cursor !== null) return page.cursor;
  // Nothing happened lately: the oldest event that is kept will do, for what follows it is read again.
  const [oldest] = (await port.listEvents({ types: syncedEventTypes, limit: 1 })).events;
  return oldest?.id ?? null;
}

function startOf(): string {
  return new Date(Date.now() - FIRST_READ_MS).toISOString();
}

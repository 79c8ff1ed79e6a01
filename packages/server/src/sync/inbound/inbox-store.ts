import { type Db, query, type Reader, type Tx } from '../../database/index.ts';
import { type RemoteEvent } from '../../workos/index.ts';

/** What became of an event. */
export type InboxState = 'taken' | 'parked' | 'quarantined' | 'unknown';

export interface InboxRow {
  readonly event: RemoteEvent;
  readonly state: InboxState;
  /** The organization of WorkOS that a parked event waits for. */
  readonly waitsFor?: string;
  /** Why it is quarantined. */
  readonly reason?: string;
}

/** The ids of those events that were not read before. */
export async function unreadEvents(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await query<{ readonly id: string }>(tx, {
    name: 'sync_unread_events',
    text: `SELECT id FROM unnest($1::text[]) AS id
      WHERE NOT EXISTS (SELECT FROM rolecall.sync_inbox WHERE event_id = id)`,
    values: [ids],
  });
  return new Set(rows.map((row) => row.id));
}

/** Stores what was read. An event that is there already stays as it is. */
export async function storeEvents(tx: Tx, rows: readonly InboxRow[]): Promise<void> {
  await query(tx, {
    name: 'sync_store_events',
    text: `INSERT INTO rolecall.sync_inbox (event_id, type, happened_at, data, state, waits_for, reason)
      SELECT e.id, e.type, e."createdAt", e.data, e.state, e."waitsFor", e.reason
        FROM jsonb_to_recordset($1::jsonb) AS e (id text, type text, "createdAt" timestamptz,
          data jsonb, state text, "waitsFor" text, reason text)
      ON CONFLICT DO NOTHING`,
    values: [
      JSON.stringify(
        rows.map(({ event, ...row }) => ({
          ...row,
          id: event.id,
          type: event.type,
          createdAt: event.createdAt,
          data: event.data ?? {},
        })),
      ),
    ],
  });
}

/** Where the stream was left; null when it was never read. */
export async function readCursor(reader: Reader, stream: string): Promise<string | null> {
  const [row] = await query<{ readonly position: string | null }>(reader, {
    name: 'sync_read_cursor',
    text: 'SELECT position FROM rolecall.sync_cursors WHERE stream = $1',
    values: [stream],
  });
  return row?.position ?? null;
}

/**
 * Moves the cursor on. INVARIANT (cursor): by compare-and-set, in the transaction that stores what was read, so
 * it never goes back and never passes what nobody stored. False when somebody else has moved it.
 */
export async function moveCursor(
  tx: Tx,
  stream: string,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): Promise<boolean> {
  await query(tx, {
    name: 'sync_begin_cursor',
    text: 'INSERT INTO rolecall.sync_cursors (stream) VALUES ($1) ON CONFLICT DO NOTHING',
    values: [stream],
  });
  const rows = await query(tx, {
    name: 'sync_move_cursor',
    text: `UPDATE rolecall.sync_cursors SET position = $3, moved_at = now()
      WHERE stream = $1 AND position IS NOT DISTINCT FROM $2::text RETURNING 1`,
    values: [stream, from, to],
  });
  return rows.length > 0;
}

/**
 * Notes that the stream was read to its end, after this event. Answers with the milliseconds since the last time
 * it was; null when it never was.
 */
export async function noteReadToEnd(
  tx: Tx,
  stream: string,
  position: string | null,
): Promise<number | null> {
  const [row] = await query<{ readonly since: number | null }>(tx, {
    name: 'sync_note_read',
    text: `WITH earlier AS MATERIALIZED (SELECT read_at FROM rolecall.sync_cursors WHERE stream = $1),
      noted AS (INSERT INTO rolecall.sync_cursors AS c (stream, read_at) VALUES ($1, clock_timestamp())
        ON CONFLICT (stream) DO UPDATE SET read_at = excluded.read_at
          WHERE c.position IS NOT DISTINCT FROM $2)
      SELECT (1000 * extract(epoch FROM clock_timestamp() - (SELECT read_at FROM earlier)))::float8
        AS since`,
    values: [stream, position],
  });
  return row?.since ?? null;
}

const FORGOTTEN_AT_ONCE = 1_000;

/**
 * Forgets some of the events that were taken so long ago that WorkOS cannot show them again: twice as long as it keeps
 * them. What is parked or quarantined is kept.
 */
export async function forgetOldEvents(db: Db): Promise<void> {
  await query(db, {
    name: 'sync_forget_old_events',
    text: `DELETE FROM rolecall.sync_inbox WHERE event_id = ANY (ARRAY(
      SELECT event_id FROM rolecall.sync_inbox
        WHERE received_at < now() - (SELECT 2 * retention_days FROM rolecall.sync_settings) * interval '1 day'
          AND state IN ('taken', 'unknown')
        ORDER BY received_at LIMIT $1))`,
    values: [FORGOTTEN_AT_ONCE],
  });
}

/** Events that are quarantined, or one of them; the oldest first. */
export async function listQuarantined(
  reader: Reader,
  eventId?: string,
): Promise<readonly RemoteEvent[]> {
  return query<RemoteEvent>(reader, {
    text: `SELECT event_id AS id, type, happened_at AS "createdAt", data FROM rolecall.sync_inbox
      WHERE state = 'quarantined' AND ($1::text IS NULL OR event_id = $1) ORDER BY event_id`,
    values: [eventId ?? null],
  });
}

/** Says anew what became of an event that is in the inbox. */
export async function restateEvent(tx: Tx, row: InboxRow): Promise<void> {
  await query(tx, {
    text: `UPDATE rolecall.sync_inbox SET state = $2, waits_for = $3, reason = $4 WHERE event_id = $1`,
    values: [row.event.id, row.state, row.waitsFor ?? null, row.reason ?? null],
  });
}

/** Events that wait for an organization wait no longer: its snapshot shows what they were about. */
export async function releaseParked(tx: Tx, workosId: string): Promise<void> {
  await query(tx, {
    name: 'sync_release_parked',
    text: `UPDATE rolecall.sync_inbox SET state = 'taken', waits_for = NULL
      WHERE state = 'parked' AND waits_for = $1`,
    values: [workosId],
  });
}

/**
 * Organizations that are linked, each to be compared as a whole: all of them, or a share chosen by chance, at
 * least `atLeast`. One that waits to be compared already is left as it is unless `anew`: what happened since it
 * was asked for may be after what its comparison has seen.
 */
export async function wantSnapshots(
  db: Db | Tx,
  { share = 1, atLeast = 0, anew = true }: SnapshotWish = {},
): Promise<void> {
  await query(db, {
    text: `INSERT INTO rolecall.sync_organizations AS s (organization_id)
      SELECT id FROM (SELECT id FROM rolecall.organizations WHERE workos_id IS NOT NULL
        ORDER BY CASE WHEN $1::float8 < 1 THEN random() END
        LIMIT CASE WHEN $1::float8 < 1 THEN greatest($2::bigint, ceil($1::float8 *
          (SELECT count(*) FROM rolecall.organizations WHERE workos_id IS NOT NULL)))::bigint END) chosen
        ORDER BY id
      ON CONFLICT (organization_id) DO UPDATE SET snapshot_wanted = s.snapshot_wanted + 1
        WHERE $3 OR s.snapshot_done = s.snapshot_wanted`,
    values: [share, atLeast, anew],
  });
}

/** Which organizations are to be compared. */
export interface SnapshotWish {
  readonly share?: number;
  readonly atLeast?: number;
  readonly anew?: boolean;
}

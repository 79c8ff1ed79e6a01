import { query, type Reader } from '../../database/index.ts';
import {
  cappedTotal,
  COUNTED_TO,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../../paging/index.ts';

/** An event that was read and not processed, as people see it. Its payload is not shown. */
export interface HeldEvent {
  readonly id: string;
  readonly type: string;
  readonly state: 'parked' | 'quarantined';
  readonly reason: string | null;
  /** The organization of WorkOS that a parked event waits for. */
  readonly waitsFor: string | null;
  readonly happenedAt: string;
  readonly receivedAt: string;
}

/** One page of the events in one of the two states, oldest first: ids are ordered by time. */
export async function listHeldEvents(
  reader: Reader,
  filter: PageRequest & { readonly state: HeldEvent['state'] },
): Promise<Page<HeldEvent>> {
  const limit = readLimit(filter);
  // Said as a constant, for the index of each state.
  const where = `state = '${filter.state === 'parked' ? 'parked' : 'quarantined'}'`;
  const [after = ''] = decodeCursor('sync_events', ['identifier'], filter.cursor) ?? [];
  const rows = await query<HeldEvent>(reader, {
    text: `SELECT event_id AS id, type, state, reason, waits_for AS "waitsFor",
        happened_at AS "happenedAt", received_at AS "receivedAt"
      FROM rolecall.sync_inbox WHERE ${where} AND event_id > $1 ORDER BY event_id LIMIT $2`,
    values: [after, limit + 1],
  });
  const [counted] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (
      SELECT 1 FROM rolecall.sync_inbox WHERE ${where} LIMIT $1) counted`,
    values: [COUNTED_TO + 1],
  });
  return toPage(rows, {
    limit,
    total: cappedTotal(counted?.total ?? 0),
    toItem: (row) => row,
    cursorOf: (last) => encodeCursor('sync_events', [last.id]),
  });
}

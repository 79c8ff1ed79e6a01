import { query, type Reader } from '../../database/index.ts';
import { findRestoredNotice, type RestoredNotice } from '../drain/index.ts';
import { listTrippedBrakes, type TrippedBrake } from '../entity/index.ts';

/** What a person has to know of, for nothing mends it by itself. */
export interface SyncAlarms {
  /** Since the stream of events was last read to its end, in milliseconds; null before the first time. */
  readonly unreadMs: number | null;
  /** Two thirds of the time for which WorkOS keeps events have passed unread: some will be lost soon. */
  readonly eventsWillBeLost: boolean;
  /** Brakes that hold removals back until somebody releases them. */
  readonly trippedBrakes: readonly TrippedBrake[];
  /** What showed that this database was restored; it sends nothing until somebody confirms. */
  readonly restored: RestoredNotice | undefined;
}

/** Reads the alarms of the whole environment. */
export async function readSyncAlarms(reader: Reader): Promise<SyncAlarms> {
  const [row] = await query<Pick<SyncAlarms, 'unreadMs' | 'eventsWillBeLost'>>(reader, {
    text: `SELECT (extract(epoch FROM c.age) * 1000)::float8 AS "unreadMs",
        coalesce(c.age > t.retention_days * interval '1 day' * 2 / 3, false) AS "eventsWillBeLost"
      FROM rolecall.sync_settings t LEFT JOIN (SELECT clock_timestamp() - read_at AS age
        FROM rolecall.sync_cursors WHERE stream = 'events') c ON true`,
  });
  return {
    unreadMs: row?.unreadMs ?? null,
    eventsWillBeLost: row?.eventsWillBeLost ?? false,
    trippedBrakes: await listTrippedBrakes(reader),
    restored: await findRestoredNotice(reader),
  };
}

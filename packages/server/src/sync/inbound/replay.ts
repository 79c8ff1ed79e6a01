import { type Db, inTransaction } from '../../database/index.ts';
import { ingest } from './ingest.ts';
import { listQuarantined, restateEvent } from './inbox-store.ts';

/** Tries quarantined events again, or one of them; answers with how many are in order now. */
export async function replayEvents(db: Db, eventId?: string): Promise<number> {
  let mended = 0;
  for (const event of await listQuarantined(db, eventId)) {
    await inTransaction(db, async (tx) => {
      for (const row of await ingest(tx, [event])) {
        await restateEvent(tx, row);
        if (row.state !== 'quarantined') mended += 1;
      }
    });
  }
  return mended;
}

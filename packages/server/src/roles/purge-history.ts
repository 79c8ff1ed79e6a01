import { purgeEntry } from '../audit/index.ts';
import { type Db, inTransaction } from '../database/index.ts';
import { lockOrganization } from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import {
  deleteEntriesThrough,
  type DueHistory,
  findPurgeEnd,
  listDueHistories,
  putAnchor,
} from './purge-history-store.ts';

export interface PurgeOptions {
  /** Entries that one transaction removes. */
  readonly batch?: number;
  /** Told after each transaction: entries removed so far. */
  readonly onProgress?: (removed: number) => void;
}

const BATCH = 10_000;
const ORGANIZATIONS = 100;

/**
 * Removes the history that is older than it is kept, organization by organization, in batches; answers with how
 * many entries went. It may be stopped anywhere and run by several at once.
 */
export async function purgeHistory(db: Db, options: PurgeOptions = {}): Promise<number> {
  let removed = 0;
  let after = '';
  for (;;) {
    const due = await listDueHistories(db, { after, count: ORGANIZATIONS });
    for (const history of due) {
      for (let gone = -1; gone !== 0; removed += gone) {
        gone = await purgeBatch(db, history, options.batch ?? BATCH);
        if (gone > 0) options.onProgress?.(removed + gone);
      }
    }
    const last = due.at(-1);
    if (last === undefined) return removed;
    after = last.organizationId;
  }
}

/**
 * One transaction: the anchor, the removal, and the entry that tells of both.
 *
 * INVARIANT (anchored removal): the anchor is set to the newest entry that goes, in the transaction in which it
 * goes, and the chain goes on with an entry that names the anchor.
 */
async function purgeBatch(db: Db, history: DueHistory, batch: number): Promise<number> {
  const { organizationId, days } = history;
  if ((await findPurgeEnd(db, history, batch)) === undefined) return 0;
  return inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    const anchor = await findPurgeEnd(tx, history, batch);
    let removed = 0;
    if (anchor !== undefined) {
      await putAnchor(tx, lock, anchor);
      removed = await deleteEntriesThrough(tx, lock, anchor.sequence);
    }
    await closeCommand(
      tx,
      lock,
      { actor: 'system', requestId: null },
      {
        changed: {},
        entries:
          anchor === undefined ? [] : [purgeEntry(organizationId, { anchor, removed, days })],
      },
    );
    return removed;
  });
}

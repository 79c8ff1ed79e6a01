import { type Db, inTransaction, query, type Reader } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeCommand } from '../close-command.ts';
import { type CommandContext } from '../command.ts';
import { broughtEntries } from './bring-over.ts';
import { bringNext } from './bring-over-store.ts';
import { readLegacyEnvironment, wrongState } from './state-store.ts';

/** What is left to bring over in one organization. */
export interface BackfillShare {
  readonly organizationId: string;
  readonly grants: number;
}

export interface BackfillOptions {
  /** One organization; all of them unless told otherwise. */
  readonly organizationId?: string;
  /** Rows a transaction; 2,000 unless told otherwise. A write to the organization waits for one of these. */
  readonly batchSize?: number;
  /** Told after each transaction. */
  readonly onProgress?: (progress: BackfillProgress) => void;
  /** Stops after the transaction that is running when aborted. */
  readonly signal?: AbortSignal;
}

/** How far a backfill is: rows brought over by it, of those that were left when it began. */
export interface BackfillProgress {
  readonly done: number;
  readonly total: number;
  readonly organizationId: string;
}

/** What a backfill did. */
export interface BackfillReport {
  readonly organizations: number;
  /** Rows keyed by slugs that were brought over. */
  readonly grants: number;
  /** Of these, how many became a grant that their role had not yet. */
  readonly made: number;
  readonly transactions: number;
}

const BATCH = 2_000;

/** What a backfill would do: each organization with something left, in the order of ids. */
export async function planBackfill(
  reader: Reader,
  organizationId?: string,
): Promise<readonly BackfillShare[]> {
  return query<BackfillShare>(reader, {
    text: `SELECT organization_id AS "organizationId", count(*) AS grants FROM rolecall.legacy_grants
      WHERE NOT brought_over AND role_id IS NOT NULL AND ($1::text IS NULL OR organization_id = $1)
      GROUP BY organization_id ORDER BY organization_id`,
    values: [organizationId ?? null],
  });
}

/**
 * Keys by the ids of their roles whatever is keyed by slugs, an organization and a batch at a time, each in a
 * transaction under the one lock. How far it is is in the rows themselves, so it may be cut off anywhere and begun
 * again, run twice at once, and run while others write. Throws `legacy_wrong_state` outside of `dual`.
 */
export async function backfillLegacy(
  db: Db,
  options: BackfillOptions,
  context: CommandContext,
): Promise<BackfillReport> {
  const { state } = await readLegacyEnvironment(db);
  if (state !== 'dual') throw wrongState(state, 'there is nothing to bring over');
  const report = { organizations: 0, grants: 0, made: 0, transactions: 0 };
  const plan = await planBackfill(db, options.organizationId);
  const total = plan.reduce((sum, { grants }) => sum + grants, 0);
  for (const { organizationId } of plan) {
    report.organizations += 1;
    for (let after: number | undefined = 0; after !== undefined;) {
      if (options.signal?.aborted === true) return report;
      const batch = await bringBatch(db, organizationId, { ...options, after }, context);
      report.grants += batch.grants;
      report.made += batch.made;
      report.transactions += 1;
      after = batch.next;
      options.onProgress?.({ done: report.grants, total, organizationId });
    }
  }
  return report;
}

interface Batch {
  readonly grants: number;
  readonly made: number;
  /** After which row the next batch begins; undefined when this was the last. */
  readonly next: number | undefined;
}

async function bringBatch(
  db: Db,
  organizationId: string,
  { after, batchSize: count = BATCH }: { readonly after: number; readonly batchSize?: number },
  context: CommandContext,
): Promise<Batch> {
  return inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    const brought = await bringNext(tx, lock, { after, count });
    // No answer changes, so nobody has to load anything again.
    await closeCommand(tx, lock, context, { changed: {}, entries: broughtEntries(brought) });
    const grants = brought.reduce((sum, { rows }) => sum + rows, 0);
    return {
      grants,
      made: brought.reduce((sum, { made }) => sum + made, 0),
      next: grants < count ? undefined : Math.max(...brought.map(({ lastId }) => lastId)),
    };
  });
}

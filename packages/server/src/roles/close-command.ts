import { sql } from 'kysely';
import { appendAudit, type AuditAuthor, type AuditEntry, auditPart } from '../audit/index.ts';
import { post, type Tx } from '../database/index.ts';
import {
  announceChange,
  type Changed,
  changePart,
  type OrganizationLock,
} from '../identity/index.ts';
import { appendIntents, type Intent, intentsPart } from '../outbox/index.ts';
import { BATCH, batchesOf } from './batches.ts';

/** What a command leaves behind beside its rows. */
export interface CommandTraces {
  readonly changed: Changed;
  readonly entries: readonly AuditEntry[];
  readonly intents?: readonly Intent[];
}

/**
 * Ends a command in one statement: change record, history and intents. It comes after the command's own rows, and
 * nothing but the commit comes after it, so nobody waits for it alone; behind the commit goes the announcement
 * that hurries everybody who polls. What a command did to very many goes before it, in batches.
 */
export async function closeCommand(
  tx: Tx,
  lock: OrganizationLock,
  author: AuditAuthor,
  { changed, entries, intents = [] }: CommandTraces,
): Promise<void> {
  const early = Math.max(0, entries.length - BATCH);
  for (const batch of batchesOf(entries.slice(0, early)))
    await appendAudit(tx, lock, author, batch);
  for (const batch of batchesOf(intents.slice(BATCH))) await appendIntents(tx, lock, batch);
  const { sql: text, parameters } = sql`WITH ${changePart(lock, changed)},
    ${auditPart(lock, author, entries.slice(early))},
    ${intentsPart(lock, intents.slice(0, BATCH))}
    SELECT 1`.compile(tx);
  post(tx, { name: 'close_command', text, values: parameters });
  announceChange(tx, lock);
}

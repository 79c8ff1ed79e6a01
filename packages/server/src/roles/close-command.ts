import { sql } from 'kysely';
import { type AuditAuthor, type AuditEntry, auditPart } from '../audit/index.ts';
import { query, type Tx } from '../database/index.ts';
import { type Changed, changePart, type OrganizationLock } from '../identity/index.ts';
import { type Intent, intentsPart } from '../outbox/index.ts';

/** What a command leaves behind beside its rows. */
export interface CommandTraces {
  readonly changed: Changed;
  readonly entries: readonly AuditEntry[];
  readonly intents?: readonly Intent[];
}

/**
 * Ends a command in one statement: change record, history, intents, and the one notification that hurries
 * everybody who polls. It comes after the command's own rows; nothing comes after it but the commit.
 */
export async function closeCommand(
  tx: Tx,
  lock: OrganizationLock,
  author: AuditAuthor,
  { changed, entries, intents = [] }: CommandTraces,
): Promise<void> {
  const { sql: text, parameters } = sql`WITH ${changePart(lock, changed)},
    ${auditPart(lock, author, entries)},
    ${intentsPart(lock, intents)}
    SELECT pg_notify('rolecall', ${lock.organizationId})`.compile(tx);
  await query(tx, { name: 'close_command', text, values: parameters });
}

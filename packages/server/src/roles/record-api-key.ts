import { appendEnvironmentAudit, type AuditEntry } from '../audit/index.ts';
import { type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext } from './command.ts';

/** What was done to a key; revision and epoch are null where it belongs to no organization. */
export interface KeyCommitted<Value> {
  readonly value: Value;
  readonly revision: number | null;
  readonly epoch: string | null;
}

/** A key's history is that of its organization, or of the environment where it has none. */
export async function recordKey(
  tx: Tx,
  lock: OrganizationLock | null,
  context: CommandContext,
  entry: AuditEntry | undefined,
): Promise<void> {
  if (lock === null) {
    if (entry !== undefined) await appendEnvironmentAudit(tx, context, entry);
    return;
  }
  const id = entry?.subject.slice('api_key:'.length);
  await closeCommand(tx, lock, context, {
    changed: id === undefined ? {} : { apiKeys: [id] },
    entries: entry === undefined ? [] : [entry],
  });
}

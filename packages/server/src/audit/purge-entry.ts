import { type AuditEntry } from './append-audit.ts';
import { type ChainPlace, type StoredEntry } from './chain-store.ts';

/**
 * The entry by which retention tells what it has removed. The anchor says the same; because the entry is part of
 * the chain, an anchor that was moved to hide a removal contradicts it.
 */
export function purgeEntry(
  organizationId: string,
  {
    anchor,
    removed,
    days,
  }: {
    readonly anchor: ChainPlace;
    readonly removed: number;
    /** What was older was to go. */
    readonly days: number;
  },
): AuditEntry {
  return {
    action: 'history.purged',
    subject: `organization:${organizationId}`,
    after: { through: anchor.sequence, hash: anchor.hash, removed, days },
  };
}

/** The anchor that an entry tells of; nothing for every other entry. */
export function readPurge({ action, after }: StoredEntry): ChainPlace | undefined {
  if (action !== 'history.purged' || after === null) return undefined;
  const { through, hash } = JSON.parse(after) as Readonly<Record<string, unknown>>;
  if (typeof through !== 'number' || typeof hash !== 'string') return undefined;
  return { sequence: through, hash };
}

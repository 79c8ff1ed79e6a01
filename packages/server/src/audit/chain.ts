import { createHash } from 'node:crypto';

/** An entry as it is hashed: what the database says, before anything is made of it. */
export interface ChainedEntry {
  readonly organizationId: string;
  readonly sequence: number;
  readonly occurredAt: string;
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** The text of the `jsonb`, which PostgreSQL writes in one form only. */
  readonly before: string | null;
  readonly after: string | null;
  readonly requestId: string | null;
  readonly cause: string | null;
}

/** What the first entry of a history comes after. */
export const CHAIN_START: Buffer = Buffer.alloc(32);

/**
 * The hash of an entry that comes after the one with the hash `previous`. The database computes the same when
 * it writes (`audit_content`, `audit_link`); here it is computed a second time, from this text alone, so that
 * whoever checks a history need not trust the functions of the database that keeps it.
 */
export function chainHash(previous: Uint8Array, entry: ChainedEntry): Buffer {
  return createHash('sha256').update(previous).update(contentOf(entry)).digest();
}

/** Each field with its length, so that no two entries have the same content. */
function contentOf(entry: ChainedEntry): string {
  const fields = [
    entry.organizationId,
    String(entry.sequence),
    String(Date.parse(entry.occurredAt)),
    String(entry.revision),
    entry.actor,
    entry.action,
    entry.subject,
    entry.before,
    entry.after,
    entry.requestId,
    entry.cause,
  ];
  return `rolecall.audit.1\n${fields.map(fieldOf).join('')}`;
}

function fieldOf(value: string | null): string {
  return value === null ? '-' : `${Buffer.byteLength(value)}:${value}`;
}

import { query, type Reader } from '../database/index.ts';
import { type ChainedEntry } from './chain.ts';

/** An entry with the hash that is stored with it. */
export interface StoredEntry extends ChainedEntry {
  readonly hash: string;
}

/** A place in a history: an entry's sequence and its hash, in hexadecimal. */
export interface ChainPlace {
  readonly sequence: number;
  readonly hash: string;
}

/** What a history is held against, from one snapshot. */
export interface ChainBounds {
  readonly head: ChainPlace;
  /** Where retention has cut; null where it never has. */
  readonly anchor: ChainPlace | null;
  /** The newest entry that is there; it is the head's when all is well. */
  readonly newest: number | null;
}

interface BoundsRow {
  readonly sequence: number;
  readonly hash: string;
  readonly anchor_sequence: number | null;
  readonly anchor_hash: string | null;
  readonly newest: number | null;
}

/** Head, anchor and newest entry of an organization's history; nothing where there is no organization. */
export async function findChainBounds(
  reader: Reader,
  organizationId: string,
): Promise<ChainBounds | undefined> {
  const [row] = await query<BoundsRow>(reader, {
    name: 'find_chain_bounds',
    text: `SELECT s.audit_sequence AS sequence, encode(s.audit_hash, 'hex') AS hash,
        a.sequence AS anchor_sequence, encode(a.hash, 'hex') AS anchor_hash,
        (SELECT max(e.sequence) FROM rolecall.audit_events e
          WHERE e.organization_id = s.organization_id) AS newest
      FROM rolecall.organization_state s
      LEFT JOIN rolecall.audit_anchors a ON a.organization_id = s.organization_id
      WHERE s.organization_id = $1`,
    values: [organizationId],
  });
  if (row === undefined) return undefined;
  const { sequence, hash, anchor_sequence, anchor_hash, newest } = row;
  const anchored = anchor_sequence !== null && anchor_hash !== null;
  return {
    head: { sequence, hash },
    anchor: anchored ? { sequence: anchor_sequence, hash: anchor_hash } : null,
    newest,
  };
}

/** Entries from a number on, oldest first, as they are stored; null is the lowest there is, whatever that is. */
export async function listStoredEntries(
  reader: Reader,
  organizationId: string,
  { from, count }: { readonly from: number | null; readonly count: number },
): Promise<readonly StoredEntry[]> {
  return query<StoredEntry>(reader, {
    name: 'list_stored_entries',
    text: `SELECT organization_id AS "organizationId", sequence, occurred_at AS "occurredAt", revision,
        actor, action, subject, before::text AS before, after::text AS after,
        request_id AS "requestId", cause, encode(hash, 'hex') AS hash
      FROM rolecall.audit_events
      WHERE organization_id = $1 AND sequence >= coalesce($2::bigint, -9223372036854775808)
      ORDER BY sequence LIMIT $3`,
    values: [organizationId, from, count],
  });
}

/** The heads of all organizations after one id, by id. */
export async function listHeads(
  reader: Reader,
  { after, count }: { readonly after: string; readonly count: number },
): Promise<readonly (ChainPlace & { readonly organizationId: string })[]> {
  return query(reader, {
    name: 'list_audit_heads',
    text: `SELECT organization_id AS "organizationId", audit_sequence AS sequence,
        encode(audit_hash, 'hex') AS hash
      FROM rolecall.organization_state WHERE organization_id > $1
      ORDER BY organization_id LIMIT $2`,
    values: [after, count],
  });
}

import { type ChainPlace } from '../audit/index.ts';
import { query, type Reader, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';

/** An organization whose oldest entry is older than its history is kept. */
export interface DueHistory {
  readonly organizationId: string;
  readonly days: number;
}

/** Organizations after one id whose history has grown too old, by id. */
export async function listDueHistories(
  reader: Reader,
  { after, count }: { readonly after: string; readonly count: number },
): Promise<readonly DueHistory[]> {
  return query<DueHistory>(reader, {
    name: 'list_due_histories',
    text: `SELECT s.organization_id AS "organizationId", kept.days
      FROM rolecall.organization_state s
      CROSS JOIN rolecall.environment e
      LEFT JOIN rolecall.audit_retention r ON r.organization_id = s.organization_id
      CROSS JOIN LATERAL (SELECT CASE WHEN r.organization_id IS NULL THEN e.audit_retention_days
        ELSE r.days END AS days) kept
      CROSS JOIN LATERAL (SELECT a.occurred_at FROM rolecall.audit_events a
        WHERE a.organization_id = s.organization_id ORDER BY a.sequence LIMIT 1) oldest
      WHERE s.organization_id > $1 AND oldest.occurred_at < now() - kept.days * interval '1 day'
      ORDER BY s.organization_id LIMIT $2`,
    values: [after, count],
  });
}

/**
 * The newest of the oldest `count` entries up to which all are too old; nothing when none is. The entry that
 * tells of the last removal stays until something else goes with it: its own removal would need telling too.
 */
export async function findPurgeEnd(
  reader: Reader,
  { organizationId, days }: DueHistory,
  count: number,
): Promise<ChainPlace | undefined> {
  const [row] = await query<ChainPlace>(reader, {
    name: 'find_purge_end',
    text: `WITH oldest AS (SELECT sequence, occurred_at, action, hash FROM rolecall.audit_events
          WHERE organization_id = $1 ORDER BY sequence LIMIT $3),
        young AS (SELECT min(sequence) AS first FROM oldest
          WHERE occurred_at >= now() - $2::int * interval '1 day')
      SELECT o.sequence, encode(o.hash, 'hex') AS hash FROM oldest o, young y
        WHERE (y.first IS NULL OR o.sequence < y.first) AND o.action <> 'history.purged'
        ORDER BY o.sequence DESC LIMIT 1`,
    values: [organizationId, days, count],
  });
  return row;
}

/** Sets the anchor of a history to one of its entries. */
export async function putAnchor(tx: Tx, lock: OrganizationLock, anchor: ChainPlace): Promise<void> {
  await query(tx, {
    name: 'put_audit_anchor',
    text: `INSERT INTO rolecall.audit_anchors (organization_id, sequence, hash)
      VALUES ($1, $2, decode($3, 'hex'))
      ON CONFLICT (organization_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash`,
    values: [lock.organizationId, anchor.sequence, anchor.hash],
  });
}

/** Removes every entry up to one; how many those were. */
export async function deleteEntriesThrough(
  tx: Tx,
  lock: OrganizationLock,
  sequence: number,
): Promise<number> {
  const [row] = await query<{ readonly removed: number }>(tx, {
    name: 'delete_audit_entries',
    text: `WITH gone AS (DELETE FROM rolecall.audit_events
        WHERE organization_id = $1 AND sequence <= $2 RETURNING 1)
      SELECT count(*) AS removed FROM gone`,
    values: [lock.organizationId, sequence],
  });
  return row?.removed ?? 0;
}

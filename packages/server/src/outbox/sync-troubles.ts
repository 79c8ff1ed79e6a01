import { query, type Reader } from '../database/index.ts';

/** What keeps an organization from being known to be equal in WorkOS. */
export interface SyncTroubles {
  /** Whether both sides were compared as a whole since the organization was linked. */
  readonly compared: boolean;
  /** Things that wait for a person: blocked, in conflict, quarantined or planned. */
  readonly open: number;
  /** Whether a mass removal was stopped and waits to be released. */
  readonly stopped: boolean;
  /** Milliseconds since the oldest change was made that is not confirmed yet; null when all are. */
  readonly oldestPendingMs: number | null;
}

/** The troubles of a linked organization; undefined for one that is not linked, or not there. */
export async function findSyncTroubles(
  reader: Reader,
  organizationId: string,
): Promise<SyncTroubles | undefined> {
  const [row] = await query<{
    readonly compared: boolean;
    readonly open: number;
    readonly stopped: boolean;
    readonly oldest_pending_ms: number | null;
  }>(reader, {
    name: 'find_sync_troubles',
    text: `SELECT EXISTS (SELECT FROM rolecall.sync_organizations s
          WHERE s.organization_id = o.id AND s.compared_at IS NOT NULL) AS compared,
        (SELECT count(*) FROM rolecall.sync_entities e WHERE e.organization_id = o.id
          AND e.state IN ('blocked', 'conflict', 'quarantined', 'planned')) AS open,
        EXISTS (SELECT FROM rolecall.sync_brakes b
          WHERE b.organization_id = o.id AND b.tripped_at IS NOT NULL) AS stopped,
        (SELECT (extract(epoch FROM now() - min(e.changed_at)) * 1000)::float8
          FROM rolecall.sync_entities e
          WHERE e.organization_id = o.id AND e.pushed_version < e.local_version) AS oldest_pending_ms
      FROM rolecall.organizations o WHERE o.id = $1 AND o.workos_id IS NOT NULL`,
    values: [organizationId],
  });
  return (
    row && {
      compared: row.compared,
      open: row.open,
      stopped: row.stopped,
      oldestPendingMs: row.oldest_pending_ms,
    }
  );
}

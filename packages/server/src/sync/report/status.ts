import {
  type Db,
  query,
  type Reader,
  type SyncEntityKind,
  type SyncState,
} from '../../database/index.ts';
import { adviceFor } from './advice.ts';

/** How the synchronisation is doing, as a whole or in one organization. Ages are in milliseconds. */
export interface SyncStatus {
  readonly entities: Readonly<Record<SyncState, number>>;
  readonly pending: number;
  /** Since the oldest change was made that is not confirmed; null when all are. */
  readonly oldestPendingMs: number | null;
  /** Remote things that are marked to be looked at. */
  readonly marked: number;
  /** Since the cursor of the events last moved; null before the first event. */
  readonly cursorAgeMs: number | null;
  readonly parkedEvents: number;
  readonly quarantinedEvents: number;
}

const STATES: readonly SyncState[] = [
  'idle',
  'pending',
  'waiting',
  'parked',
  'blocked',
  'conflict',
  'quarantined',
  'planned',
];

/** Reads the status; of one organization when one is named, the events aside. */
export async function readSyncStatus(
  reader: Reader,
  organizationId: string | null = null,
): Promise<SyncStatus> {
  const states = await query<{ readonly state: SyncState; readonly count: number }>(reader, {
    text: `SELECT state, count(*) AS count FROM rolecall.sync_entities
      WHERE $1::text IS NULL OR organization_id = $1 GROUP BY state`,
    values: [organizationId],
  });
  const counts = new Map(states.map((row) => [row.state, row.count]));
  const [row] = await query<Omit<SyncStatus, 'entities'>>(reader, {
    text: `SELECT p.pending, p."oldestPendingMs",
        (SELECT count(*) FROM rolecall.sync_marks
          WHERE $1::text IS NULL OR organization_id = $1) AS marked,
        (SELECT (extract(epoch FROM clock_timestamp() - moved_at) * 1000)::float8
          FROM rolecall.sync_cursors WHERE stream = 'events') AS "cursorAgeMs",
        (SELECT count(*) FROM rolecall.sync_inbox WHERE state = 'parked') AS "parkedEvents",
        (SELECT count(*) FROM rolecall.sync_inbox WHERE state = 'quarantined') AS "quarantinedEvents"
      FROM (SELECT count(*) AS pending,
          (extract(epoch FROM clock_timestamp() - min(changed_at)) * 1000)::float8 AS "oldestPendingMs"
        FROM rolecall.sync_entities
        WHERE pushed_version < local_version AND ($1::text IS NULL OR organization_id = $1)) p`,
    values: [organizationId],
  });
  return {
    pending: 0,
    oldestPendingMs: null,
    marked: 0,
    cursorAgeMs: null,
    parkedEvents: 0,
    quarantinedEvents: 0,
    ...row,
    entities: Object.fromEntries(STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<
      SyncState,
      number
    >,
  };
}

/** An entity as people see it. */
export interface SyncEntityView {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: SyncEntityKind;
  readonly subjectId: string;
  readonly state: SyncState;
  readonly pending: boolean;
  readonly reason: string | null;
  readonly advice: string | null;
  readonly failures: number;
  readonly changedAt: string;
  readonly observedAt: string | null;
  readonly nextAttemptAt: string | null;
}

/** Which entities; those that are idle only when they are asked for. */
export interface SyncEntityFilter {
  readonly organizationId?: string;
  readonly state?: SyncState;
  /** Only those after this id. */
  readonly after?: string;
  readonly limit: number;
}

/** Entities by id, at most `limit`. */
export async function listSyncEntities(
  reader: Reader,
  { organizationId, state, after, limit }: SyncEntityFilter,
): Promise<readonly SyncEntityView[]> {
  const rows = await query<Omit<SyncEntityView, 'advice'>>(reader, {
    text: `SELECT id, organization_id AS "organizationId", kind, subject_id AS "subjectId", state,
        pushed_version < local_version AS pending, reason, failures, changed_at AS "changedAt",
        observed_at AS "observedAt", next_attempt_at AS "nextAttemptAt"
      FROM rolecall.sync_entities
      WHERE ($1::text IS NULL OR organization_id = $1)
        AND CASE WHEN $2::text IS NULL THEN state <> 'idle' ELSE state = $2 END
        AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4`,
    values: [organizationId ?? null, state ?? null, after ?? null, limit],
  });
  return rows.map((row) => ({ ...row, advice: adviceFor(row.reason) }));
}

/** Makes an entity due now, whatever it waits for; false when there is none. */
export async function retryEntity(db: Db, entityId: string): Promise<boolean> {
  const rows = await query(db, {
    text: `WITH due AS (
        UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp(), failures = 0
          WHERE id = $1 RETURNING organization_id)
      SELECT pg_notify('rolecall', organization_id) FROM due`,
    values: [entityId],
  });
  return rows.length > 0;
}

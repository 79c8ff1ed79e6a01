import { query, type Reader, type SyncState } from '../../database/index.ts';
import { COUNTED_TO } from '../../paging/index.ts';

/** How the synchronisation is doing, as a whole or in one organization. Ages are in milliseconds. */
export interface SyncStatus {
  readonly entities: Readonly<Record<SyncState, number>>;
  readonly pending: number;
  /** Since the oldest change was made that is not confirmed; null when all are. */
  readonly oldestPendingMs: number | null;
  /** Remote things that are marked to be looked at. */
  readonly marked: number;
  /**
   * What is known to differ now and does not become equal by itself: things that wait for a person, or for
   * something of WorkOS's. What was found to differ and is on its way is `pending` or `marked`.
   */
  readonly drift: number;
  /** Linked organizations, and those of them that are to be compared as a whole. */
  readonly linked: number;
  readonly comparing: number;
  /** Since the stream of events was last read to its end, or moved on; null before the first time. */
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

const EVENTS_LEFT_OUT = { cursorAgeMs: null, parkedEvents: 0, quarantinedEvents: 0 } as const;
const NOTHING = {
  pending: 0,
  oldestPendingMs: null,
  marked: 0,
  linked: 0,
  comparing: 0,
  ...EVENTS_LEFT_OUT,
} as const;

/** Reads the status; of one organization when one is named, in which case the events are left out. */
export async function readSyncStatus(
  reader: Reader,
  organizationId: string | null = null,
): Promise<SyncStatus> {
  const counts = await countStates(reader, organizationId);
  const row =
    organizationId === null ? await readAll(reader) : await readOne(reader, organizationId);
  const entities = Object.fromEntries(
    STATES.map((state) => [state, counts.get(state) ?? 0]),
  ) as Record<SyncState, number>;
  const { held = 0, ...figures } = row ?? {};
  const drift = DIFFERING.reduce((sum, state) => sum + entities[state], held);
  return { ...NOTHING, ...figures, drift, entities };
}

/** States in which the two sides are known to differ, and nothing but a person or WorkOS brings them on. */
const DIFFERING: readonly SyncState[] = ['parked', 'blocked', 'conflict', 'quarantined', 'planned'];

/**
 * The open ones by state, and the idle ones as what is left: no state is asked of a million rows. Where there are
 * more than COUNTED_TO in all, these are about as many as PostgreSQL believes, or as the organization has members
 * and roles.
 */
async function countStates(
  reader: Reader,
  organizationId: string | null,
): Promise<ReadonlyMap<SyncState, number>> {
  const of = organizationId === null ? '' : 'AND organization_id = $1';
  const about = organizationId === null ? BELIEVED : COUNTED;
  const rows = await query<{ readonly state: SyncState; readonly count: number }>(reader, {
    text: `SELECT state, count(*) AS count FROM rolecall.sync_entities
        WHERE state <> 'idle' ${of} GROUP BY state
      UNION ALL SELECT 'all', CASE WHEN counted <= ${COUNTED_TO} THEN counted
          ELSE greatest(counted, (${about})) END
        FROM (SELECT count(*) AS counted FROM (SELECT FROM rolecall.sync_entities
          WHERE true ${of} LIMIT ${COUNTED_TO + 1}) first_ones) all_of_them`,
    values: organizationId === null ? [] : [organizationId],
  });
  const counts = new Map<string, number>(rows.map((row) => [row.state, row.count]));
  const all = counts.get('all') ?? 0;
  counts.delete('all');
  const open = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...counts, ['idle', Math.max(0, all - open)]]) as Map<SyncState, number>;
}

const BELIEVED = `SELECT reltuples::bigint FROM pg_class WHERE oid = 'rolecall.sync_entities'::regclass`;
const COUNTED = `SELECT member_count + role_count FROM rolecall.organization_state WHERE organization_id = $1`;

interface Figures extends Omit<SyncStatus, 'entities' | 'drift'> {
  /** What WorkOS shows and cannot be taken in. */
  readonly held: number;
}

async function readAll(reader: Reader): Promise<Figures | undefined> {
  const [row] = await query<Figures>(reader, {
    text: `SELECT p.pending, p."oldestPendingMs", o.linked, o.comparing,
        (SELECT count(*) FROM rolecall.sync_marks) AS marked,
        (SELECT count(*) FROM rolecall.sync_marks WHERE state <> 'pending') AS held,
        (SELECT (extract(epoch FROM clock_timestamp() - coalesce(read_at, moved_at)) * 1000)::float8
          FROM rolecall.sync_cursors WHERE stream = 'events') AS "cursorAgeMs",
        (SELECT count(*) FROM rolecall.sync_inbox WHERE state = 'parked') AS "parkedEvents",
        (SELECT count(*) FROM rolecall.sync_inbox WHERE state = 'quarantined') AS "quarantinedEvents"
      FROM (SELECT count(*) AS pending,
          (extract(epoch FROM clock_timestamp() - min(changed_at)) * 1000)::float8 AS "oldestPendingMs"
        FROM rolecall.sync_entities WHERE pushed_version < local_version) p,
        (SELECT count(*) AS linked, count(*) FILTER (WHERE snapshot_done < snapshot_wanted) AS comparing
          FROM rolecall.sync_organizations) o`,
  });
  return row;
}

async function readOne(reader: Reader, organizationId: string): Promise<Figures | undefined> {
  const [row] = await query<Omit<Figures, 'cursorAgeMs' | 'parkedEvents' | 'quarantinedEvents'>>(
    reader,
    {
      text: `SELECT p.pending, p."oldestPendingMs", o.linked, o.comparing,
          (SELECT count(*) FROM rolecall.sync_marks WHERE organization_id = $1) AS marked,
          (SELECT count(*) FROM rolecall.sync_marks
            WHERE organization_id = $1 AND state <> 'pending') AS held
        FROM (SELECT count(*) AS pending,
            (extract(epoch FROM clock_timestamp() - min(changed_at)) * 1000)::float8
              AS "oldestPendingMs"
          FROM rolecall.sync_entities
          WHERE organization_id = $1 AND pushed_version < local_version) p,
          (SELECT count(*) AS linked, count(*) FILTER (WHERE snapshot_done < snapshot_wanted) AS comparing
            FROM rolecall.sync_organizations WHERE organization_id = $1) o`,
      values: [organizationId],
    },
  );
  return row && { ...EVENTS_LEFT_OUT, ...row };
}

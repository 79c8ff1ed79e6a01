import { type Db, type OwnConnection, query, type Statement } from '../../database/index.ts';

/** One row of `changes`: what one deciding transaction changed in one organization. */
export interface ChangeRow {
  readonly organizationId: string;
  readonly revision: number;
  /** As the writer said it; see `readChange`. */
  readonly what: unknown;
}

/** What one poll saw. */
export interface Poll {
  /** What this poll could see, for the next one to begin after; PostgreSQL's text for a snapshot. */
  readonly snapshot: string;
  /** Equal for two polls of one server in one history. */
  readonly history: string;
  /** The history's epoch, which announcements of it name. */
  readonly epoch: string;
  /** What announcements are proved with. */
  readonly announcementKey: string;
  /** Everything that this poll could see and the one before could not, by organization and revision. */
  readonly changes: readonly ChangeRow[];
  /** The ids of API keys that changed, of which the same holds. */
  readonly apiKeys: readonly string[];
}

/*
 * Every transaction that the previous snapshot did not see has an id that was still to come then (not
 * below its xmax), or was in progress (one of its xip). So this finds everything that is visible now
 * and was not before, also what a long transaction committed late; and it never reads again what was
 * seen already, however long that transaction ran. Snapshot and rows are of one statement, and so of
 * one snapshot. Without a previous snapshot there are no rows.
 */
const POLL: Statement = {
  name: 'access_poll_changes',
  text: `SELECT pg_current_snapshot()::text AS snapshot,
      e.epoch || ' ' || pg_postmaster_start_time() AS history, e.epoch, e.announcement_key,
      c.organization_id, c.revision, c.what, c.api_key_id
    FROM rolecall.environment e LEFT JOIN (
      SELECT organization_id, revision, what, NULL::uuid AS api_key_id FROM rolecall.changes
        WHERE xid >= pg_snapshot_xmax($1::pg_snapshot)
      UNION ALL
      SELECT organization_id, revision, what, NULL FROM rolecall.changes
        WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::pg_snapshot)))
      UNION ALL
      SELECT NULL, NULL, NULL, api_key_id FROM rolecall.api_key_changes
        WHERE xid >= pg_snapshot_xmax($1::pg_snapshot)
      UNION ALL
      SELECT NULL, NULL, NULL, api_key_id FROM rolecall.api_key_changes
        WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::pg_snapshot)))
    ) c ON true
    ORDER BY c.organization_id, c.revision`,
};

interface PollRow {
  readonly snapshot: string;
  readonly history: string;
  readonly epoch: string;
  readonly announcement_key: string;
  readonly organization_id: string | null;
  readonly revision: number | null;
  readonly what: unknown;
  readonly api_key_id: string | null;
}

/** Asks for everything that has become visible since the previous snapshot; for the first time without one. */
export async function pollChanges(
  connection: OwnConnection,
  previous: string | undefined,
): Promise<Poll> {
  const rows = await connection.query<PollRow>({ ...POLL, values: [previous ?? null] });
  const changes: ChangeRow[] = [];
  const apiKeys: string[] = [];
  for (const { organization_id, revision, what, api_key_id } of rows) {
    if (api_key_id !== null) apiKeys.push(api_key_id);
    if (organization_id === null || revision === null) continue;
    changes.push({ organizationId: organization_id, revision, what });
  }
  const { snapshot = '', history = '', epoch = '', announcement_key = '' } = rows[0] ?? {};
  return { snapshot, history, epoch, announcementKey: announcement_key, changes, apiKeys };
}

/** The statements, for the tests of their plans. */
export const changeStatements = { poll: POLL } as const;

/** The oldest transaction that was in progress at a snapshot: all before it were over. */
export function oldestInProgress(snapshot: string): bigint {
  return BigInt(snapshot.slice(0, snapshot.indexOf(':')));
}

/** The first transaction that was still to come at a snapshot. */
export function firstToCome(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[1] ?? '0');
}

const DELETE: Statement = {
  name: 'access_delete_changes',
  text: `WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(7265730011) AS mine)
    DELETE FROM rolecall.changes WHERE ctid = ANY (ARRAY(
      SELECT c.ctid FROM rolecall.changes c, turn
        WHERE turn.mine AND c.xid < $1::xid8 ORDER BY c.xid LIMIT $2))
    RETURNING 1 AS one`,
};

/**
 * Deletes the oldest rows of transactions that were over before this one, at most `limit` of them;
 * resolves to how many. Does nothing while another node is at it.
 */
export async function deleteChanges(db: Db, before: bigint, limit: number): Promise<number> {
  const deleted = await query(db, { ...DELETE, values: [before.toString(), limit] });
  return deleted.length;
}

const DELETE_KEYS: Statement = {
  name: 'access_delete_api_key_changes',
  text: 'DELETE FROM rolecall.api_key_changes WHERE xid < $1::xid8',
};

/** Deletes what happened to API keys in transactions that were over before this one; there is little of it. */
export async function deleteApiKeyChanges(db: Db, before: bigint): Promise<void> {
  await query(db, { ...DELETE_KEYS, values: [before.toString()] });
}

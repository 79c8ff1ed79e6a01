import { type Db, inTransaction, query, type Reader } from '../../database/index.ts';

/** Which database this is, and how far an organization is in it. */
export interface DatabaseMark {
  readonly epoch: string;
  readonly systemId: string;
  readonly revision: number;
}

/** What is known here before it is compared with the mark in WorkOS. */
export interface OwnMark extends DatabaseMark {
  /** Changes whenever the server behind this database does. */
  readonly instance: string;
  readonly replacedEpochs: readonly string[];
  /** Whether the mark in WorkOS is to be renewed. */
  readonly due: boolean;
}

/** Nothing when marks are turned off. */
export async function readOwnMark(
  reader: Reader,
  organizationId: string,
): Promise<OwnMark | undefined> {
  const [row] = await query<OwnMark>(reader, {
    name: 'sync_read_own_mark',
    text: `SELECT e.epoch, c.system_identifier::text AS "systemId", s.revision,
        pg_postmaster_start_time()::text AS instance, t.replaced_epochs AS "replacedEpochs",
        NOT t.observe_only AND (o.marked_at IS NULL OR (s.revision > o.marked_revision
          AND o.marked_at < clock_timestamp() - interval '10 minutes')) AS due
      FROM rolecall.environment e CROSS JOIN pg_control_system() c
      CROSS JOIN rolecall.sync_settings t
      JOIN rolecall.organization_state s ON s.organization_id = $1
      JOIN rolecall.sync_organizations o ON o.organization_id = $1
      WHERE t.marker`,
    values: [organizationId],
  });
  return row;
}

/**
 * Which database this is, as text: the same after a failover to a replica, another one for a copy that was restored
 * into another server.
 */
export async function readDatabaseIdentity(reader: Reader): Promise<string> {
  const [row] = await query<{ readonly identity: string }>(reader, {
    text: `SELECT c.system_identifier || ' ' || d.oid AS identity
      FROM pg_control_system() c JOIN pg_database d ON d.datname = current_database()`,
  });
  if (row === undefined) throw new Error('BUG: a database has no identity');
  return row.identity;
}

/** Notes what the mark in WorkOS shows now. */
export async function noteMarked(db: Db, organizationId: string, revision: number): Promise<void> {
  await query(db, {
    name: 'sync_note_marked',
    text: `UPDATE rolecall.sync_organizations SET marked_revision = $2, marked_at = clock_timestamp()
      WHERE organization_id = $1`,
    values: [organizationId, revision],
  });
}

/** What showed that this database was restored from a backup, or is a copy of another one. */
export interface RestoredNotice {
  readonly organizationId: string;
  readonly here: DatabaseMark;
  readonly there: DatabaseMark;
}

/** The notice that nobody has confirmed yet. */
export async function findRestoredNotice(reader: Reader): Promise<RestoredNotice | undefined> {
  const [row] = await query<{ readonly restored: RestoredNotice | null }>(reader, {
    text: 'SELECT restored FROM rolecall.sync_settings',
  });
  return row?.restored ?? undefined;
}

/**
 * Stops all sending until a person has confirmed. The epoch changes, so that no revision of the time that was
 * lost is compared with one of the time to come.
 */
export async function noteRestored(db: Db, notice: RestoredNotice): Promise<void> {
  await inTransaction(db, async (tx) => {
    const rows = await query(tx, {
      text: `UPDATE rolecall.sync_settings SET observe_only = true, restored = $1
        WHERE restored IS NULL RETURNING 1`,
      values: [JSON.stringify(notice)],
    });
    if (rows.length === 0) return;
    await query(tx, { text: 'UPDATE rolecall.environment SET epoch = gen_random_uuid()' });
  });
}

/**
 * A person has looked at the plan: this database takes the place of the one that left the mark, and what was only
 * planned is sent. False when there was nothing to confirm.
 */
export async function confirmRestored(db: Db): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const rows = await query(tx, {
      text: `UPDATE rolecall.sync_settings SET observe_only = false, restored = NULL,
          replaced_epochs = replaced_epochs || ARRAY[(restored -> 'here' ->> 'epoch')::uuid,
            (restored -> 'there' ->> 'epoch')::uuid]
        WHERE restored IS NOT NULL RETURNING 1`,
    });
    if (rows.length === 0) return false;
    await query(tx, {
      text: 'UPDATE rolecall.sync_organizations SET marked_at = NULL, marked_revision = NULL',
    });
    await query(tx, {
      text: `UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
        WHERE reason = 'observe_only'`,
    });
    return true;
  });
}

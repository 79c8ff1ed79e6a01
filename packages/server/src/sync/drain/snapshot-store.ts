import { type Db, query, type Reader, type Tx } from '../../database/index.ts';

/**
 * The stages of a comparison. Each of its steps is a transaction of its own that notes how far it has come, so
 * one that is cut off goes on where it was.
 *
 *   linking      every thing here without an entity gets one
 *   roles        the roles are listed, in one answer, and compared
 *   memberships  page by page
 *   sweep        what no page has shown is to be asked for directly
 *   clear        what was noted for the sweep is forgotten
 */
export type SnapshotStage = 'linking' | 'roles' | 'memberships' | 'sweep' | 'clear';

/** A comparison that is under way. */
export interface SnapshotRun {
  readonly target: number;
  readonly stage: SnapshotStage;
  readonly position: string | null;
  readonly listed: number;
  readonly differing: number;
}

const STEP = 1_000;

/** The comparison that is under way, if one is. */
export async function findSnapshotRun(
  reader: Reader,
  organizationId: string,
): Promise<SnapshotRun | undefined> {
  const [row] = await query<SnapshotRun>(reader, {
    name: 'sync_find_snapshot',
    text: `SELECT target, stage, position, listed, differing FROM rolecall.sync_snapshots
      WHERE organization_id = $1`,
    values: [organizationId],
  });
  return row;
}

/** Begins a comparison that answers this wish; nothing happens when one is under way. */
export async function beginSnapshotRun(
  tx: Tx,
  organizationId: string,
  target: number,
): Promise<void> {
  await query(tx, {
    name: 'sync_begin_snapshot',
    text: `INSERT INTO rolecall.sync_snapshots (organization_id, target) VALUES ($1, $2)
      ON CONFLICT DO NOTHING`,
    values: [organizationId, target],
  });
}

/** How far a comparison has come; `listed` and `differing` are added. */
export interface SnapshotProgress {
  readonly stage: SnapshotStage;
  readonly position?: string | null;
  readonly listed?: number;
  readonly differing?: number;
}

/** Notes how far a comparison has come. */
export async function moveSnapshotRun(
  tx: Tx,
  organizationId: string,
  { stage, position = null, listed = 0, differing = 0 }: SnapshotProgress,
): Promise<void> {
  await query(tx, {
    name: 'sync_move_snapshot',
    text: `UPDATE rolecall.sync_snapshots SET stage = $2, position = $3, listed = listed + $4,
        differing = differing + $5 WHERE organization_id = $1`,
    values: [organizationId, stage, position, listed, differing],
  });
}

/** Makes an entity of every role here that has none; `linking`: what differs in it waits for a person. */
export async function linkRoles(tx: Tx, organizationId: string): Promise<void> {
  await query(tx, {
    name: 'sync_link_roles',
    text: `INSERT INTO rolecall.sync_entities
        (organization_id, kind, subject_id, local_version, priority, linking, next_attempt_at)
      SELECT $1, 'organization_role', id::text, 1, 1, true, NULL FROM rolecall.roles
        WHERE organization_id = $1 AND kind = 'organization' AND deleted_at IS NULL
      ON CONFLICT (organization_id, kind, subject_id) DO NOTHING`,
    values: [organizationId],
  });
}

/** The same for some of the memberships; answers with the last that was looked at, null when there is no more. */
export async function linkMemberships(
  tx: Tx,
  organizationId: string,
  after: string | null,
): Promise<string | null> {
  const [row] = await query<{ readonly last: string | null }>(tx, {
    name: 'sync_link_memberships',
    text: `WITH page AS MATERIALIZED (SELECT id, live FROM rolecall.memberships
        WHERE organization_id = $1 AND id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT $3),
      made AS (INSERT INTO rolecall.sync_entities
          (organization_id, kind, subject_id, local_version, priority, linking, next_attempt_at)
        SELECT $1, 'membership_roles', id::text, 1, 2, true, NULL FROM page WHERE live
        ON CONFLICT (organization_id, kind, subject_id) DO NOTHING)
      SELECT (SELECT id::text FROM page ORDER BY id DESC LIMIT 1) AS last`,
    values: [organizationId, after, STEP],
  });
  return row?.last ?? null;
}

/** Makes the roles due that a complete listing lacks: those that it had, and those that nobody compared yet. */
export async function sweepRoles(
  tx: Tx,
  organizationId: string,
  slugs: readonly string[],
): Promise<void> {
  await query(tx, {
    name: 'sync_sweep_roles',
    text: `UPDATE rolecall.sync_entities e SET next_attempt_at = clock_timestamp()
      FROM rolecall.roles r
      WHERE e.organization_id = $1 AND e.kind = 'organization_role'
        AND (e.base IS NOT NULL OR (e.linking AND e.next_attempt_at IS NULL))
        AND r.organization_id = $1 AND r.id::text = e.subject_id AND r.slug <> ALL ($2)`,
    values: [organizationId, slugs],
  });
}

/**
 * Marks what belongs to no single organization and that nobody may have heard of: this organization itself, for
 * its name, and roles of the environment that a complete listing lacks. Both are then asked for directly.
 */
export async function markEnvironmentOf(
  db: Db,
  workosId: string,
  listed: { readonly environmentSlugs: readonly string[] },
): Promise<void> {
  await query(db, {
    name: 'sync_mark_environment_of',
    text: `INSERT INTO rolecall.sync_environment_marks AS m (kind, key)
      SELECT 'organization', $1
      UNION ALL SELECT 'environment_role', slug FROM rolecall.global_roles
        WHERE deleted_at IS NULL AND slug NOT IN ('admin', 'member') AND slug <> ALL ($2::text[])
      ORDER BY 1, 2
      ON CONFLICT (kind, key)
        DO UPDATE SET raised = m.raised + 1, failures = 0,
          state = 'pending', reason = NULL, next_attempt_at = clock_timestamp()`,
    values: [workosId, listed.environmentSlugs],
  });
}

/** Notes which memberships a page has shown. */
export async function noteSeen(
  tx: Tx,
  organizationId: string,
  remoteIds: readonly string[],
): Promise<void> {
  await query(tx, {
    name: 'sync_note_seen',
    text: `INSERT INTO rolecall.sync_seen (organization_id, remote_id)
      SELECT $1, id FROM unnest($2::text[]) AS id ON CONFLICT DO NOTHING`,
    values: [organizationId, remoteIds],
  });
}

/**
 * Makes due, among some of the memberships, those that no page has shown, also where a side is still to be chosen:
 * INVARIANT (absence), they are asked for directly before anything is concluded. Answers with the last that was looked at, null when there is no more.
 */
export async function sweepMemberships(
  tx: Tx,
  organizationId: string,
  after: string | null,
): Promise<string | null> {
  const [row] = await query<{ readonly last: string | null }>(tx, {
    name: 'sync_sweep_memberships',
    text: `WITH listed AS MATERIALIZED (SELECT subject_id, base ->> 'remoteId' AS remote_id,
          linking AND base IS NULL AND next_attempt_at IS NULL AND state = 'pending' AS untouched
        FROM rolecall.sync_entities
        WHERE organization_id = $1 AND kind = 'membership_roles' AND subject_id > coalesce($2::text, '')
        ORDER BY subject_id LIMIT $3),
      page AS MATERIALIZED (SELECT subject_id, untouched, coalesce(remote_id, (
          SELECT m.workos_membership_id FROM rolecall.memberships m WHERE m.organization_id = $1
            AND m.id = listed.subject_id::uuid AND m.deleted_at IS NULL)) AS remote_id
        FROM listed),
      seen AS MATERIALIZED (SELECT remote_id FROM rolecall.sync_seen
        WHERE organization_id = $1 AND remote_id = ANY (ARRAY(SELECT remote_id FROM page))),
      due AS (UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
        WHERE organization_id = $1 AND kind = 'membership_roles' AND subject_id = ANY (ARRAY(
          SELECT subject_id FROM page WHERE untouched OR (remote_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM seen WHERE seen.remote_id = page.remote_id)))))
      SELECT (SELECT subject_id FROM page ORDER BY subject_id DESC LIMIT 1) AS last`,
    values: [organizationId, after, STEP],
  });
  return row?.last ?? null;
}

/** Forgets some of what was seen; whether anything is left. */
export async function forgetSeen(tx: Tx, organizationId: string): Promise<boolean> {
  const rows = await query(tx, {
    name: 'sync_forget_seen',
    text: `DELETE FROM rolecall.sync_seen WHERE organization_id = $1 AND remote_id = ANY (ARRAY(
        SELECT remote_id FROM rolecall.sync_seen WHERE organization_id = $1
          ORDER BY remote_id LIMIT $2)) RETURNING 1`,
    values: [organizationId, STEP * 5],
  });
  return rows.length === STEP * 5;
}

/** Notes that the organization was compared as a whole. */
export async function endSnapshotRun(tx: Tx, organizationId: string): Promise<void> {
  await query(tx, {
    name: 'sync_end_snapshot',
    text: `WITH run AS (DELETE FROM rolecall.sync_snapshots WHERE organization_id = $1
        RETURNING target, differing)
      UPDATE rolecall.sync_organizations o
        SET snapshot_done = run.target, differing = run.differing, compared_at = now()
        FROM run WHERE o.organization_id = $1`,
    values: [organizationId],
  });
}

import { type Db, query, type Tx } from '../../database/index.ts';

/**
 * Makes an entity of every role and membership here that has none, and all that were never compared due. They
 * are `linking`: what differs in them waits for a person.
 */
export async function ensureLinkingEntities(tx: Tx, organizationId: string): Promise<void> {
  await query(tx, {
    name: 'sync_ensure_linking_entities',
    text: `INSERT INTO rolecall.sync_entities AS e
        (organization_id, kind, subject_id, local_version, priority, linking)
      SELECT $1, 'organization_role', id::text, 1, 1, true FROM rolecall.roles
        WHERE organization_id = $1 AND kind = 'organization' AND deleted_at IS NULL
      UNION ALL
      SELECT $1, 'membership_roles', id::text, 1, 2, true FROM rolecall.memberships
        WHERE organization_id = $1 AND deleted_at IS NULL
      ON CONFLICT (organization_id, kind, subject_id) DO NOTHING`,
    values: [organizationId],
  });
}

/** Remote ids that entities here had when they were last observed, and that a complete listing lacks. */
export async function dueAbsentees(
  tx: Tx,
  organizationId: string,
  listed: { readonly slugs: readonly string[]; readonly membershipIds: readonly string[] },
): Promise<void> {
  await query(tx, {
    name: 'sync_due_absentees',
    text: `UPDATE rolecall.sync_entities e SET next_attempt_at = clock_timestamp()
      WHERE e.organization_id = $1 AND e.base IS NOT NULL AND (
        (e.kind = 'organization_role' AND NOT EXISTS (SELECT FROM rolecall.roles r
          WHERE r.organization_id = $1 AND r.id::text = e.subject_id AND r.slug = ANY ($2)))
        OR (e.kind = 'membership_roles' AND NOT (e.base ->> 'remoteId') = ANY ($3)))`,
    values: [organizationId, listed.slugs, listed.membershipIds],
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
        DO UPDATE SET raised = m.raised + 1, failures = 0, next_attempt_at = clock_timestamp()`,
    values: [workosId, listed.environmentSlugs],
  });
}

/** Notes that the organization was compared as a whole. */
export async function noteCompared(tx: Tx, organizationId: string, wanted: number): Promise<void> {
  await query(tx, {
    name: 'sync_note_compared',
    text: `UPDATE rolecall.sync_organizations SET snapshot_done = $2, compared_at = now()
      WHERE organization_id = $1`,
    values: [organizationId, wanted],
  });
}

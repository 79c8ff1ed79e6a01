import { type Db, query } from '../../database/index.ts';

/** A role of the organization's own, or a tombstone that still holds its slug. */
export interface ComparableRole {
  readonly key: string;
  readonly live: boolean;
  readonly pending: boolean;
  readonly name: string;
  readonly description: string | null;
}

/** A live membership. */
export interface ComparableMembership {
  readonly key: string;
  readonly live: boolean;
  readonly pending: boolean;
  readonly status: string;
  readonly roles: readonly string[];
}

/** Everything here that has a counterpart in WorkOS, or should have one. */
export async function listComparable(
  db: Db,
  organizationId: string,
): Promise<{
  readonly roles: readonly ComparableRole[];
  readonly memberships: readonly ComparableMembership[];
}> {
  const roles = await query<ComparableRole>(db, {
    name: 'sync_comparable_roles',
    text: `SELECT r.slug AS key, r.live, r.name, r.description,
          coalesce(e.pushed_version < e.local_version, false) AS pending
        FROM rolecall.roles r LEFT JOIN rolecall.sync_entities e
          ON e.organization_id = r.organization_id AND e.kind = 'organization_role'
            AND e.subject_id = r.id::text
        WHERE r.organization_id = $1 AND r.kind = 'organization' AND r.slug_held
          AND (r.live OR e.pushed_version < e.local_version)`,
    values: [organizationId],
  });
  const memberships = await query<ComparableMembership>(db, {
    name: 'sync_comparable_memberships',
    text: `SELECT coalesce(m.workos_membership_id, m.id::text) AS key, true AS live, m.status,
          coalesce(e.pushed_version < e.local_version, false) AS pending,
          ARRAY(SELECT DISTINCT coalesce(g.slug, r.slug) COLLATE "C" FROM rolecall.assignments a
            JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id = a.role_id
            LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
            WHERE a.organization_id = m.organization_id AND a.membership_id = m.id
              AND g.deleted_at IS NULL ORDER BY 1) AS roles
        FROM rolecall.memberships m LEFT JOIN rolecall.sync_entities e
          ON e.organization_id = m.organization_id AND e.kind = 'membership_roles'
            AND e.subject_id = m.id::text
        WHERE m.organization_id = $1 AND m.deleted_at IS NULL`,
    values: [organizationId],
  });
  return { roles, memberships };
}

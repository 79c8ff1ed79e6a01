import { type Grant } from '@rolecall/policy';
import { query, type Tx } from '../../database/index.ts';
import { type OrganizationLock } from '../../identity/index.ts';
import { grantColumns } from '../grants-store.ts';

/** A grant and whom the table that it comes from names as its holder. */
export interface ForeignGrant {
  /** A slug, the id of a user, or the id of a role. */
  readonly holder: string;
  readonly grant: Grant;
}

const NEW = `unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
  WITH ORDINALITY AS n (holder, scope, effect, resource_id, dimensions, ordinal)`;

const valuesOf = (lock: OrganizationLock, grants: readonly ForeignGrant[]): readonly unknown[] => [
  lock.organizationId,
  grants.map(({ holder }) => holder),
  ...grantColumns(grants.map(({ grant }) => grant)),
];

/** Stores grants by the slugs of roles; answers with how many were not there yet. */
export async function insertLegacyGrants(
  tx: Tx,
  lock: OrganizationLock,
  grants: readonly ForeignGrant[],
): Promise<number> {
  const rows = await query(tx, {
    text: `INSERT INTO rolecall.legacy_grants (organization_id, slug, role_id, scope, effect, resource_id, dimensions)
      SELECT $1, n.holder, s.role_id, n.scope, n.effect, n.resource_id, n.dimensions
        FROM ${NEW} LEFT JOIN rolecall.role_slugs s ON s.organization_id = $1 AND s.slug = n.holder
        ORDER BY n.ordinal
      ON CONFLICT DO NOTHING RETURNING 1`,
    values: valuesOf(lock, grants),
  });
  return rows.length;
}

/** Stores grants of roles by their ids; answers with how many were new. Roles that are not there are left out. */
export async function insertRoleGrants(
  tx: Tx,
  lock: OrganizationLock,
  grants: readonly ForeignGrant[],
): Promise<number> {
  const rows = await query(tx, {
    text: `INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id, dimensions)
      SELECT $1, n.holder::uuid, n.scope, n.effect, n.resource_id, n.dimensions FROM ${NEW} ORDER BY n.ordinal
      ON CONFLICT DO NOTHING RETURNING 1`,
    values: valuesOf(lock, grants),
  });
  return rows.length;
}

/** Stores direct grants of members by the ids of their users; answers with how many were new. */
export async function insertMemberGrants(
  tx: Tx,
  lock: OrganizationLock,
  grants: readonly ForeignGrant[],
): Promise<number> {
  const rows = await query(tx, {
    text: `INSERT INTO rolecall.grants (organization_id, membership_id, scope, effect, resource_id, dimensions)
      SELECT $1, m.id, n.scope, n.effect, n.resource_id, n.dimensions
        FROM ${NEW} JOIN rolecall.memberships m
          ON m.organization_id = $1 AND m.user_id = n.holder AND m.deleted_at IS NULL
        ORDER BY n.ordinal
      ON CONFLICT DO NOTHING RETURNING 1`,
    values: valuesOf(lock, grants),
  });
  return rows.length;
}

/** Which of these roles are live, as `role:<kind>:<id>`; and which of these users are members. */
export async function findHolders(
  tx: Tx,
  lock: OrganizationLock,
  {
    roleIds,
    userIds,
  }: { readonly roleIds: readonly string[]; readonly userIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await query<{ readonly principal: string }>(tx, {
    text: `SELECT 'role:' || kind || ':' || id AS principal FROM rolecall.roles
        WHERE organization_id = $1 AND id = ANY ($2::uuid[]) AND deleted_at IS NULL
      UNION ALL SELECT 'user:' || user_id FROM rolecall.memberships
        WHERE organization_id = $1 AND user_id = ANY ($3) AND deleted_at IS NULL`,
    values: [lock.organizationId, roleIds, userIds],
  });
  return new Set(rows.map(({ principal }) => principal));
}

import { type Grant } from '@rolecall/policy';
import { query, type Tx } from '../../database/index.ts';
import { type OrganizationLock } from '../../identity/index.ts';
import { grantColumns } from '../grants-store.ts';
import { type RoleCreation, type RoleUpdate } from './plan.ts';

/** Makes roles under their import keys, without grants. */
export async function insertImportedRoles(
  tx: Tx,
  lock: OrganizationLock,
  roles: readonly RoleCreation[],
): Promise<void> {
  await query(tx, {
    text: `INSERT INTO rolecall.roles (organization_id, kind, id, import_key, slug, name, description)
      SELECT $1, 'organization', n.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
        AS n (id, import_key, slug, name, description)`,
    values: [
      lock.organizationId,
      roles.map((role) => role.id),
      roles.map((role) => role.key),
      roles.map((role) => role.slug),
      roles.map((role) => role.name),
      roles.map((role) => role.description),
    ],
  });
}

/**
 * Gives roles new names and raises their versions. They first get their ids as names, because roles that
 * swap names would meet on the way.
 */
export async function updateImportedRoles(
  tx: Tx,
  lock: OrganizationLock,
  roles: readonly RoleUpdate[],
): Promise<void> {
  await query(tx, {
    text: `UPDATE rolecall.roles SET name = id::text
      WHERE organization_id = $1 AND id = ANY ($2::uuid[])`,
    values: [lock.organizationId, roles.filter((role) => role.renamed).map((role) => role.id)],
  });
  await query(tx, {
    text: `UPDATE rolecall.roles r SET name = n.name, description = n.description,
        version = r.version + 1, updated_at = now()
      FROM unnest($2::uuid[], $3::text[], $4::text[]) AS n (id, name, description)
      WHERE r.organization_id = $1 AND r.id = n.id`,
    values: [
      lock.organizationId,
      roles.map((role) => role.id),
      roles.map((role) => role.name),
      roles.map((role) => role.description),
    ],
  });
}

/** Gives roles grants that they do not have yet. */
export async function insertImportedGrants(
  tx: Tx,
  lock: OrganizationLock,
  grants: readonly { readonly roleId: string; readonly grant: Grant }[],
): Promise<void> {
  await query(tx, {
    text: `INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id, dimensions)
      SELECT $1, n.role_id, n.scope, n.effect, n.resource_id, n.dimensions
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
          WITH ORDINALITY AS n (role_id, scope, effect, resource_id, dimensions, ordinal)
        ORDER BY n.ordinal`,
    values: [
      lock.organizationId,
      grants.map(({ roleId }) => roleId),
      ...grantColumns(grants.map(({ grant }) => grant)),
    ],
  });
}

/**
 * Tells the planner how large the organization is now. Until it knows, it takes one that has just been imported
 * for a small one, and would sooner read all of its members than look up each.
 */
export async function refreshStatistics(tx: Tx): Promise<void> {
  await query(tx, {
    text: 'ANALYZE rolecall.users, rolecall.memberships, rolecall.roles, rolecall.assignments, rolecall.grants',
  });
}

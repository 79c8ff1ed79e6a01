import { type Grant, type GrantPayload, toGrantPayload } from '@rolecall/policy';
import { post, query, type Reader, type RoleKind, type Tx } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { GRANT_TUPLE, grantColumns, type GrantTuple, toGrant } from './grants-store.ts';
import { type Role } from './role.ts';

/** A role without its grants, as statements give it back. */
export interface RoleRow {
  readonly id: string;
  readonly kind: RoleKind;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly member_count: number;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The columns of a `RoleRow`, from roles `r` and their global roles `g`, if they have one. */
export const ROLE_COLUMNS = `r.id, r.kind, coalesce(g.slug, r.slug) AS slug, coalesce(g.name, r.name) AS name,
  CASE r.kind WHEN 'global' THEN g.description ELSE r.description END AS description,
  r.member_count, r.version, r.created_at, greatest(r.updated_at, g.updated_at) AS updated_at`;
export const ROLE_TABLES = `rolecall.roles r
  LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id`;

/** A role together with the rows that its grants are kept in. */
export interface RoleRecord {
  readonly role: Role;
  readonly rows: readonly GrantRow[];
}

/** A grant and the id of its row; `legacy` when it is keyed by the role's slug. */
export interface GrantRow extends Grant {
  readonly id: string;
  readonly legacy: boolean;
}

/** One live role with its grants, if it is there. */
export async function findRole(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<RoleRecord | undefined> {
  const [row] = await query<RoleRow & { readonly grants: readonly TupleWithId[] | null }>(reader, {
    name: 'find_role',
    text: `SELECT ${ROLE_COLUMNS}, (
        SELECT json_agg(json_build_array(g.id::text, g.legacy, ${GRANT_TUPLE}) ORDER BY g.legacy, g.id)
          FROM rolecall.role_grants g
          WHERE g.organization_id = $1 AND g.role_id = r.id) AS grants
      FROM ${ROLE_TABLES}
      WHERE r.organization_id = $1 AND r.id = $2 AND r.deleted_at IS NULL`,
    values: [organizationId, roleId],
    harmless: true,
  });
  if (row === undefined) return undefined;
  const rows = (row.grants ?? []).map(([id, legacy, tuple]) => ({ id, legacy, ...toGrant(tuple) }));
  return { role: toRole(row, toGrantPayload(rows)), rows };
}

type TupleWithId = readonly [id: string, legacy: boolean, tuple: GrantTuple];

/** Which of these roles exist and may be assigned. A global role that is gone everywhere may not. */
export async function findAssignableRoles(
  reader: Reader,
  organizationId: string,
  roleIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (roleIds.length === 0) return new Set();
  const rows = await query<{ readonly id: string }>(reader, {
    name: 'find_assignable_roles',
    text: `SELECT r.id FROM ${ROLE_TABLES}
      WHERE r.organization_id = $1 AND r.id = ANY ($2::uuid[])
        AND r.deleted_at IS NULL AND g.deleted_at IS NULL`,
    values: [organizationId, roleIds],
    harmless: true,
  });
  return new Set(rows.map((row) => row.id));
}

/** What stands in the way of a name and slugs. */
export interface RoleClashes {
  readonly nameTaken: boolean;
  readonly takenSlugs: ReadonlySet<string>;
}

/**
 * What stands in the way of a role's name and slugs. A deleted role may still hold its slug; and a slug that
 * grants are keyed by is left alone, or a new role would come into them by its name.
 */
export async function findRoleClashes(
  tx: Tx,
  organizationId: string,
  wanted: { readonly name: string; readonly slugs: readonly string[]; readonly roleId?: string },
): Promise<RoleClashes> {
  const [row] = await query<{ readonly name_taken: boolean; readonly taken_slugs: string[] }>(tx, {
    name: 'find_role_clashes',
    text: `SELECT EXISTS (
          SELECT FROM rolecall.roles WHERE organization_id = $1 AND deleted_at IS NULL
            AND lower(name) = lower($2) AND id IS DISTINCT FROM $4::uuid
          UNION ALL
          SELECT FROM rolecall.global_roles WHERE deleted_at IS NULL AND lower(name) = lower($2)
        ) AS name_taken,
        ARRAY(
          SELECT slug FROM rolecall.roles
            WHERE organization_id = $1 AND slug_held AND slug = ANY ($3)
          UNION
          SELECT slug FROM rolecall.global_roles WHERE deleted_at IS NULL AND slug = ANY ($3)
          UNION
          SELECT slug FROM rolecall.legacy_grants WHERE organization_id = $1 AND slug = ANY ($3)
        ) AS taken_slugs`,
    values: [organizationId, wanted.name, wanted.slugs, wanted.roleId ?? null],
    harmless: true,
  });
  return { nameTaken: row?.name_taken ?? false, takenSlugs: new Set(row?.taken_slugs) };
}

/** Makes a role with its grants, which nobody holds yet. */
export async function insertRole(
  tx: Tx,
  lock: OrganizationLock,
  role: Pick<Role, 'slug' | 'name' | 'description'> & { readonly grants: readonly Grant[] },
): Promise<Role> {
  const [row] = await query<RoleRow>(tx, {
    name: 'insert_role',
    text: `WITH role AS (
        INSERT INTO rolecall.roles (organization_id, kind, slug, name, description)
          VALUES ($1, 'organization', $2, $3, $4) RETURNING *
      ), granted AS (
        INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id, dimensions)
          SELECT $1, role.id, n.scope, n.effect, n.resource_id, n.dimensions
            FROM role, unnest($5::text[], $6::text[], $7::text[], $8::jsonb[])
              WITH ORDINALITY AS n (scope, effect, resource_id, dimensions, ordinal)
            ORDER BY n.ordinal)
      SELECT id, kind, slug, name, description, member_count, version, created_at, updated_at FROM role`,
    values: [
      lock.organizationId,
      role.slug,
      role.name,
      role.description,
      ...grantColumns(role.grants),
    ],
  });
  if (row === undefined) throw defect('a role was not made');
  return toRole(row, toGrantPayload(role.grants));
}

/**
 * Raises a role's version and replaces name and description; of a global role they are not its own. A command
 * that began earlier and waited longer does not take its time back.
 */
export function updateRoleRow(
  tx: Tx,
  lock: OrganizationLock,
  role: Pick<Role, 'id' | 'name' | 'description'>,
): void {
  post(tx, {
    name: 'update_role',
    text: `UPDATE rolecall.roles SET version = version + 1, updated_at = greatest(updated_at, now()),
        name = CASE kind WHEN 'organization' THEN $3 END,
        description = CASE kind WHEN 'organization' THEN $4 END
      WHERE organization_id = $1 AND id = $2`,
    values: [lock.organizationId, role.id, role.name, role.description],
  });
}

/** Takes grants from a role, by their ids, and gives it others. */
export function replaceRoleGrants(
  tx: Tx,
  lock: OrganizationLock,
  roleId: string,
  { removed, added }: { readonly removed: readonly string[]; readonly added: readonly Grant[] },
): void {
  post(tx, {
    name: 'replace_role_grants',
    text: `WITH gone AS (
        DELETE FROM rolecall.grants WHERE organization_id = $1 AND role_id = $2 AND id = ANY ($3::bigint[]))
      INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id, dimensions)
        SELECT $1, $2, n.scope, n.effect, n.resource_id, n.dimensions
          FROM unnest($4::text[], $5::text[], $6::text[], $7::jsonb[])
            WITH ORDINALITY AS n (scope, effect, resource_id, dimensions, ordinal)
          ORDER BY n.ordinal`,
    values: [lock.organizationId, roleId, removed, ...grantColumns(added)],
  });
}

/** Deletes a role's grants and leaves a tombstone; in a linked organization it holds its slug. */
export function buryRole(tx: Tx, lock: OrganizationLock, roleId: string): void {
  post(tx, {
    name: 'bury_role',
    text: `WITH gone AS (
        DELETE FROM rolecall.grants WHERE organization_id = $1 AND role_id = $2)
      UPDATE rolecall.roles SET deleted_at = now(), updated_at = now(), slug_held = $3
        WHERE organization_id = $1 AND id = $2`,
    values: [lock.organizationId, roleId, lock.linked],
  });
}

/** A row as the domain has it. */
export function toRole(row: RoleRow, grants: readonly GrantPayload[]): Role {
  return {
    id: row.id,
    kind: row.kind,
    principal: `role:${row.kind}:${row.id}`,
    slug: row.slug,
    name: row.name,
    description: row.description,
    grants,
    memberCount: row.member_count,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

import { query, type Tx } from '../../database/index.ts';
import { GRANT_TUPLE, type GrantTuple, toGrant } from '../grants-store.ts';
import { type KnownRole, type NameFacts } from './facts.ts';

/** The live roles that earlier imports have made under these keys, with their grants. */
export async function findRolesByKey(
  tx: Tx,
  organizationId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, KnownRole>> {
  const rows = await query<{
    readonly id: string;
    readonly import_key: string;
    readonly name: string;
    readonly description: string | null;
    readonly grants: readonly GrantTuple[] | null;
  }>(tx, {
    text: `SELECT r.id, r.import_key, r.name, r.description, (
        SELECT json_agg(${GRANT_TUPLE} ORDER BY g.legacy, g.id) FROM rolecall.role_grants g
          WHERE g.organization_id = $1 AND g.role_id = r.id) AS grants
      FROM rolecall.roles r
      WHERE r.organization_id = $1 AND r.import_key = ANY ($2) AND r.deleted_at IS NULL`,
    values: [organizationId, keys],
  });
  return new Map(
    rows.map(({ id, import_key: key, name, description, grants }) => [
      key,
      { id, name, description, grants: (grants ?? []).map(toGrant) },
    ]),
  );
}

/** For each name, in order: how the database compares it, and who has it. */
export async function findNameFacts(
  tx: Tx,
  organizationId: string,
  names: readonly string[],
): Promise<readonly NameFacts[]> {
  const rows = await query<{
    readonly folded: string;
    readonly role_id: string | null;
    readonly global: boolean;
  }>(tx, {
    text: `SELECT lower(n.name) AS folded, r.id AS role_id, EXISTS (
        SELECT FROM rolecall.global_roles g
          WHERE lower(g.name) = lower(n.name) AND g.deleted_at IS NULL) AS global
      FROM unnest($2::text[]) WITH ORDINALITY AS n (name, ordinal)
      LEFT JOIN LATERAL (
        SELECT id FROM rolecall.roles
          WHERE organization_id = $1 AND lower(name) = lower(n.name) AND deleted_at IS NULL LIMIT 1
      ) r ON true
      ORDER BY n.ordinal`,
    values: [organizationId, names],
  });
  return rows.map(({ folded, role_id: roleId, global }) => ({ folded, roleId, global }));
}

/** Which of these slugs a role of the organization has or still holds, a global role has, or grants are keyed by. */
export async function findTakenSlugs(
  tx: Tx,
  organizationId: string,
  slugs: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await query<{ readonly slug: string }>(tx, {
    text: `SELECT slug FROM rolecall.roles WHERE organization_id = $1 AND slug_held AND slug = ANY ($2)
      UNION SELECT slug FROM rolecall.global_roles WHERE deleted_at IS NULL AND slug = ANY ($2)
      UNION SELECT slug FROM rolecall.legacy_grants WHERE organization_id = $1 AND slug = ANY ($2)`,
    values: [organizationId, slugs],
  });
  return new Set(rows.map((row) => row.slug));
}

import { type Grant } from '@rolecall/policy';
import { query, type Reader, type RoleKind, type Statement } from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type GrantTuple, toGrant } from './grants-store.ts';
import { ROLE_COLUMNS, ROLE_TABLES, type RoleRow } from './roles-store.ts';

/** Which roles a list shows. */
export interface RoleConditions {
  readonly kind: RoleKind | undefined;
  readonly pattern: string | undefined;
}

interface RolesPage {
  readonly conditions: RoleConditions;
  readonly after: readonly [createdAt: string, id: string];
  readonly count: number;
}

/** The grants of all roles on one page are at most this many, or those of its first role. */
const MAX_GRANTS = 100_000;

/** Live roles by age after a place in that order, at most `count`. */
export async function pageRoles(
  reader: Reader,
  organizationId: string,
  page: RolesPage,
): Promise<readonly RoleRow[]> {
  return query<RoleRow>(reader, pageRolesStatement(organizationId, page));
}

/** The statement of `pageRoles`. */
export function pageRolesStatement(
  organizationId: string,
  { conditions, after, count }: RolesPage,
): Statement {
  const { text, values } = sqlOf(conditions, 5);
  return {
    text: `SELECT ${ROLE_COLUMNS} FROM ${ROLE_TABLES}
      WHERE r.organization_id = $1 AND r.deleted_at IS NULL
        AND (r.created_at, r.id) > ($2::timestamptz, $3::uuid) ${text}
      ORDER BY r.created_at, r.id LIMIT $4`,
    values: [organizationId, ...after, count, ...values],
  };
}

/** How many live roles match; counting stops one after the limit of exact totals. */
export async function countRoles(
  reader: Reader,
  organizationId: string,
  conditions: RoleConditions,
): Promise<number> {
  const { text, values } = sqlOf(conditions, 3);
  const [row] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (SELECT 1 FROM ${ROLE_TABLES}
      WHERE r.organization_id = $1 AND r.deleted_at IS NULL ${text} LIMIT $2) counted`,
    values: [organizationId, COUNTED_TO + 1, ...values],
  });
  return row?.total ?? 0;
}

/**
 * The grants of these roles, by role, in the order in which they were given. Where there are too many for
 * one page, only the first roles have an entry; each entry is whole.
 */
export async function findGrantsOfRoles(
  reader: Reader,
  organizationId: string,
  roleIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Grant[]>> {
  const rows = await query<{ readonly role: number; readonly tuple: GrantTuple }>(reader, {
    text: `SELECT o.ordinal AS role, g.tuple FROM unnest($2::uuid[]) WITH ORDINALITY AS o (role_id, ordinal),
      LATERAL (
        SELECT json_build_array(g.scope, g.effect, g.resource_id, g.dimensions) AS tuple, g.legacy, g.id
          FROM rolecall.role_grants g WHERE g.organization_id = $1 AND g.role_id = o.role_id
          ORDER BY g.legacy, g.id
      ) g
      ORDER BY o.ordinal LIMIT ${MAX_GRANTS + 1}`,
    values: [organizationId, roleIds],
  });
  const whole =
    rows.length > MAX_GRANTS ? Math.max(1, (rows.at(-1)?.role ?? 1) - 1) : roleIds.length;
  const grants = new Map(roleIds.slice(0, whole).map((id) => [id, new Array<Grant>()]));
  for (const { role, tuple } of rows) {
    grants.get(roleIds[role - 1] ?? '')?.push(toGrant(tuple));
  }
  return grants;
}

function sqlOf(
  { kind, pattern }: RoleConditions,
  first: number,
): { readonly text: string; readonly values: readonly string[] } {
  const values = [
    ...(kind === undefined ? [] : [kind]),
    ...(pattern === undefined ? [] : [pattern]),
  ];
  const byKind = kind === undefined ? '' : `AND r.kind = $${first}`;
  const byName =
    pattern === undefined
      ? ''
      : `AND ' ' || lower(coalesce(g.name, r.name)) LIKE lower($${first + values.length - 1})`;
  return { text: `${byKind} ${byName}`, values };
}

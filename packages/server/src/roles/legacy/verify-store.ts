import { type Grant } from '@rolecall/policy';
import { query, type Tx } from '../../database/index.ts';
import { GRANT_TUPLE, type GrantTuple, toGrant } from '../grants-store.ts';

/** Whom a slug's grants are meant for, by the rule, or where it names nobody, by where they were brought to. */
export interface SlugTarget {
  readonly slug: string;
  readonly roleId: string;
  readonly principal: string;
}

/** The organizations that have grants keyed by slugs, in the order of ids. */
export async function listLegacyOrganizations(tx: Tx): Promise<readonly string[]> {
  const rows = await query<{ readonly id: string }>(tx, {
    text: `SELECT o.id FROM rolecall.organizations o WHERE EXISTS (
        SELECT FROM rolecall.legacy_grants l WHERE l.organization_id = o.id) ORDER BY o.id`,
  });
  return rows.map(({ id }) => id);
}

/** The live roles that the slugs of an organization's legacy grants are meant for, by role. */
export async function findSlugTargets(
  tx: Tx,
  organizationId: string,
): Promise<readonly SlugTarget[]> {
  return query<SlugTarget>(tx, {
    text: `SELECT DISTINCT l.slug, r.id AS "roleId", 'role:' || r.kind || ':' || r.id AS principal
      FROM (SELECT DISTINCT slug, role_id FROM rolecall.legacy_grants WHERE organization_id = $1) l
      LEFT JOIN rolecall.role_slugs named ON named.organization_id = $1 AND named.slug = l.slug
      JOIN rolecall.roles r ON r.organization_id = $1 AND r.id = coalesce(named.role_id, l.role_id)
        AND r.deleted_at IS NULL
      ORDER BY 2, 1`,
    values: [organizationId],
  });
}

/** What roles have by their slugs: all that ever came in by these and was not taken away, brought over or not. */
export async function findGrantsBySlugs(
  tx: Tx,
  organizationId: string,
  slugs: readonly string[],
): Promise<ReadonlyMap<string, readonly Grant[]>> {
  const rows = await query<{ readonly slug: string; readonly tuple: GrantTuple }>(tx, {
    text: `SELECT g.slug, ${GRANT_TUPLE} AS tuple FROM rolecall.legacy_grants g
      WHERE g.organization_id = $1 AND g.slug = ANY ($2)`,
    values: [organizationId, slugs],
  });
  return grouped(rows.map(({ slug, tuple }) => [slug, toGrant(tuple)]));
}

/** A grant that is keyed by a role's id, and whether it was made for one that is keyed by a slug. */
export type KeyedGrant = Grant & { readonly made: boolean };

/** What roles have by their ids. */
export async function findGrantsByIds(
  tx: Tx,
  organizationId: string,
  roleIds: readonly string[],
): Promise<ReadonlyMap<string, readonly KeyedGrant[]>> {
  const rows = await query<{
    readonly role: string;
    readonly tuple: GrantTuple;
    readonly made: boolean;
  }>(tx, {
    text: `WITH made AS MATERIALIZED (
        SELECT DISTINCT grant_id FROM rolecall.legacy_grants
          WHERE organization_id = $1 AND role_id = ANY ($2::uuid[]) AND grant_id IS NOT NULL)
      SELECT g.role_id AS role, ${GRANT_TUPLE} AS tuple, m.grant_id IS NOT NULL AS made
        FROM rolecall.grants g LEFT JOIN made m ON m.grant_id = g.id
        WHERE g.organization_id = $1 AND g.role_id = ANY ($2::uuid[])`,
    values: [organizationId, roleIds],
  });
  return grouped(rows.map(({ role, tuple, made }) => [role, { ...toGrant(tuple), made }]));
}

/** How many live members an organization has, and how many of them hold one of these roles. */
export async function countMembers(
  tx: Tx,
  organizationId: string,
  roleIds: readonly string[],
): Promise<{ readonly all: number; readonly holders: number }> {
  const [row] = await query<{ readonly all: number; readonly holders: number }>(tx, {
    text: `SELECT s.member_count AS all, (
        SELECT count(DISTINCT a.membership_id) FROM rolecall.assignments a
          WHERE a.organization_id = $1 AND a.role_id = ANY ($2::uuid[])) AS holders
      FROM rolecall.organization_state s WHERE s.organization_id = $1`,
    values: [organizationId, roleIds],
  });
  return row ?? { all: 0, holders: 0 };
}

function grouped<Value>(
  pairs: readonly (readonly [string, Value])[],
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

import { query, type RoleKind, type Statement, type Tx } from '../../database/index.ts';
import { type OrganizationLock } from '../../identity/index.ts';

/** What one statement brought over of the grants that one role had by one slug. */
export interface BroughtOver {
  readonly roleId: string;
  readonly kind: RoleKind;
  readonly slug: string;
  /** Rows keyed by the slug. */
  readonly rows: number;
  /** Grants that the role had not yet. */
  readonly made: number;
  /** The last of the rows. */
  readonly lastId: number;
}

/**
 * INVARIANT (bringing over is neutral): in one statement a role gets by its id what it had by its slug, and the
 * rows keyed by the slug are read no more. What the role may do is the same before and after.
 */
const bringing = (due: string): string => `WITH due AS MATERIALIZED (
    SELECT l.id, l.role_id, l.slug, l.scope, l.effect, l.resource_id, l.dimensions
      FROM rolecall.legacy_grants l
      WHERE l.organization_id = $1 AND l.role_id IS NOT NULL AND NOT l.brought_over AND ${due}
  ), made AS (
    INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id, dimensions)
      SELECT $1, d.role_id, d.scope, d.effect, d.resource_id, d.dimensions FROM due d ORDER BY d.id
      ON CONFLICT DO NOTHING
      RETURNING id, role_id, scope, effect, resource_id, dimensions
  ), matched AS MATERIALIZED (
    SELECT d.id, d.role_id, d.slug, m.id AS grant_id FROM due d LEFT JOIN made m
      ON m.role_id = d.role_id AND m.scope = d.scope AND m.effect = d.effect
        AND m.resource_id = d.resource_id AND m.dimensions = d.dimensions
  ), brought AS (
    UPDATE rolecall.legacy_grants l SET brought_over = true, grant_id = m.grant_id
      FROM matched m WHERE l.organization_id = $1 AND l.id = m.id
  )
  SELECT m.role_id AS "roleId", r.kind, m.slug, count(*) AS rows, count(m.grant_id) AS made, max(m.id) AS "lastId"
    FROM matched m JOIN rolecall.roles r ON r.organization_id = $1 AND r.id = m.role_id
    GROUP BY m.role_id, r.kind, m.slug`;

/** The next rows of an organization after one of them, at most `count`. */
export const bringNextStatement = (
  organizationId: string,
  { after, count }: { readonly after: number; readonly count: number },
): Statement => ({
  name: 'bring_over_next',
  text: bringing('l.id > $2 ORDER BY l.id LIMIT $3'),
  values: [organizationId, after, count],
});

/** Brings over the next rows of an organization; nothing when there are no more after that one. */
export async function bringNext(
  tx: Tx,
  { organizationId }: OrganizationLock,
  page: { readonly after: number; readonly count: number },
): Promise<readonly BroughtOver[]> {
  return query<BroughtOver>(tx, bringNextStatement(organizationId, page));
}

/** Brings over all rows of one role. */
export async function bringAllOf(
  tx: Tx,
  { organizationId }: OrganizationLock,
  roleId: string,
): Promise<readonly BroughtOver[]> {
  return query<BroughtOver>(tx, {
    name: 'bring_over_role',
    text: bringing('l.role_id = $2'),
    values: [organizationId, roleId],
  });
}

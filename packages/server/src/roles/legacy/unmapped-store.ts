import { query, type Reader } from '../../database/index.ts';

/**
 * Why a slug names no role: there never was one; the only one is deleted; or it has named more than one, so
 * that whose grants they were cannot be known.
 */
export type UnmappedReason = 'unknown_slug' | 'deleted_role' | 'ambiguous';

/** Grants keyed by a slug that names no role: they grant nothing, and stand in the way of the cut-over. */
export interface UnmappedSlug {
  readonly organizationId: string;
  readonly slug: string;
  readonly reason: UnmappedReason;
  readonly grants: number;
}

/** Which grants keyed by slugs cannot be mapped, by organization and slug, at most `limit` slugs. */
export async function findUnmapped(
  reader: Reader,
  { organizationId, limit = 1_000 }: { readonly organizationId?: string; readonly limit?: number },
): Promise<readonly UnmappedSlug[]> {
  return query<UnmappedSlug>(reader, {
    name: organizationId === undefined ? 'find_all_unmapped' : 'find_unmapped',
    text: `WITH unmapped AS (
        SELECT organization_id, slug, count(*) AS grants FROM rolecall.legacy_grants
          WHERE NOT brought_over AND role_id IS NULL ${organizationId === undefined ? '' : 'AND organization_id = $2'}
          GROUP BY organization_id, slug ORDER BY organization_id, slug LIMIT $1)
      SELECT u.organization_id AS "organizationId", u.slug, u.grants,
          CASE WHEN own.lives + anywhere.lives > 1 THEN 'ambiguous'
            WHEN own.lives + anywhere.ended = 1 THEN 'deleted_role'
            ELSE 'unknown_slug' END AS reason
        FROM unmapped u,
          LATERAL (SELECT count(*) AS lives FROM rolecall.roles r
            WHERE r.organization_id = u.organization_id AND r.slug = u.slug) own,
          LATERAL (SELECT count(*) AS lives, count(g.deleted_at) AS ended FROM rolecall.global_roles g
            WHERE g.slug = u.slug) anywhere
        ORDER BY 1, 2`,
    values: organizationId === undefined ? [limit] : [limit, organizationId],
  });
}

import { query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';

/** A role of the whole environment, made here because nobody else makes it. */
export async function ensureGlobalRole(
  tx: Tx,
  { slug, name, description }: { slug: string; name: string; description: string },
): Promise<void> {
  await query(tx, {
    text: `INSERT INTO rolecall.global_roles (slug, name, description) VALUES ($1, $2, $3)
      ON CONFLICT (slug) WHERE deleted_at IS NULL DO NOTHING`,
    values: [slug, name, description],
  });
}

/**
 * Gives the organization its row of a system role that exists, and the role what the policy declares for it;
 * answers with its id, or with nothing where there is no such global role.
 */
export async function ensureSystemRole(
  tx: Tx,
  lock: OrganizationLock,
  slug: string,
  scopes: readonly string[],
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(tx, {
    text: `INSERT INTO rolecall.roles (organization_id, id, kind)
      SELECT $1, g.id, 'global' FROM rolecall.global_roles g
        WHERE g.slug = $2 AND g.deleted_at IS NULL
      ON CONFLICT (organization_id, id) DO UPDATE
        SET deleted_at = NULL, slug_held = true, updated_at = now()
      RETURNING id`,
    values: [lock.organizationId, slug],
  });
  if (row === undefined) return undefined;
  await query(tx, {
    text: `INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
      SELECT $1, $2, n.scope, 'allow', '*' FROM unnest($3::text[]) WITH ORDINALITY AS n (scope, ordinal)
        WHERE NOT EXISTS (SELECT FROM rolecall.grants g
          WHERE g.organization_id = $1 AND g.role_id = $2)
        ORDER BY n.ordinal`,
    values: [lock.organizationId, row.id, scopes],
  });
  return row.id;
}

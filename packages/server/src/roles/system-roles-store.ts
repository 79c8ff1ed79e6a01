import { type Policy } from '@rolecall/policy';
import { query, type Tx } from '../database/index.ts';

/**
 * Gives a new organization its own row of every global role, and the system roles the grants that the
 * policy declares for them, everywhere.
 */
export async function seedSystemRoles(
  tx: Tx,
  organizationId: string,
  policy: Policy,
): Promise<void> {
  const declared = Object.entries(policy.system_roles).flatMap(([slug, scopes]) =>
    scopes.map((scope) => ({ slug, scope })),
  );
  await query(tx, {
    text: `WITH role AS (
        INSERT INTO rolecall.roles (organization_id, id, kind)
          SELECT $1, g.id, 'global' FROM rolecall.global_roles g WHERE g.deleted_at IS NULL)
      INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
        SELECT $1, g.id, n.scope, 'allow', '*'
          FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS n (slug, scope, ordinal)
          JOIN rolecall.global_roles g ON g.slug = n.slug AND g.deleted_at IS NULL
          ORDER BY n.ordinal`,
    values: [organizationId, declared.map(({ slug }) => slug), declared.map(({ scope }) => scope)],
  });
}

import { type GrantEffect, type Reader, query } from '@rolecall/server/database';

export interface GrantRowPlan {
  /** `project:read` unless told otherwise. */
  readonly scope?: string;
  /** `allow` unless told otherwise. */
  readonly effect?: GrantEffect;
  /** Everywhere (`*`) unless told otherwise. */
  readonly resourceId?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** A grant and the one who holds it. */
export type GrantPlan = GrantRowPlan &
  ({ readonly roleId: string } | { readonly membershipId: string } | { readonly apiKeyId: string });

/** One grant row; resolves to its id. */
export async function buildGrant(
  reader: Reader,
  organizationId: string,
  plan: GrantPlan,
): Promise<number> {
  const [row] = await query<{ readonly id: number }>(reader, {
    text: `
      INSERT INTO rolecall.grants
        (organization_id, role_id, membership_id, api_key_id, scope, effect, resource_id, dimensions)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING id`,
    values: [
      organizationId,
      'roleId' in plan ? plan.roleId : null,
      'membershipId' in plan ? plan.membershipId : null,
      'apiKeyId' in plan ? plan.apiKeyId : null,
      plan.scope ?? 'project:read',
      plan.effect ?? 'allow',
      plan.resourceId ?? '*',
      JSON.stringify(plan.dimensions ?? {}),
    ],
  });
  if (row === undefined) throw new Error('the grant was not inserted');
  return row.id;
}

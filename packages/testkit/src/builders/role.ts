import { type Reader, query } from '@rolecall/server/database';
import { freshName } from './fresh-names.ts';
import { buildGrant, type GrantRowPlan } from './grant.ts';

export interface RolePlan {
  readonly name?: string;
  /** `org-` and the name in lower case unless told otherwise. */
  readonly slug?: string;
  readonly description?: string;
  readonly importKey?: string;
  readonly grants?: readonly GrantRowPlan[];
}

export interface BuiltRole {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** `role:organization:<id>` */
  readonly principal: string;
}

/** A role of the organization's own, with its grants. */
export async function buildRole(
  reader: Reader,
  organizationId: string,
  plan: RolePlan = {},
): Promise<BuiltRole> {
  const name = plan.name ?? freshName('Role');
  const slug = plan.slug ?? `org-${name.toLowerCase().replaceAll(' ', '-')}`;
  const [row] = await query<{ readonly id: string }>(reader, {
    text: `
      INSERT INTO rolecall.roles (organization_id, kind, slug, name, description, import_key)
        VALUES ($1, 'organization', $2, $3, $4, $5)
        RETURNING id`,
    values: [organizationId, slug, name, plan.description ?? null, plan.importKey ?? null],
  });
  if (row === undefined) throw new Error('the role was not inserted');
  for (const grant of plan.grants ?? []) {
    await buildGrant(reader, organizationId, { ...grant, roleId: row.id });
  }
  return { id: row.id, slug, name, principal: `role:organization:${row.id}` };
}

import { classifyStored, type Policy } from '@rolecall/policy';
import { query, type Reader } from '@rolecall/server/database';

/** Stored grants that the policy no longer understands, all for the same reason. */
export interface InvalidGrants {
  readonly scope: string;
  readonly effect: 'allow' | 'deny';
  readonly reason: string;
  readonly rows: number;
  readonly exampleOrganization: string;
}

interface Group {
  readonly scope: string;
  readonly effect: 'allow' | 'deny';
  readonly dimensions: Readonly<Record<string, string>>;
  readonly resource_id: string;
  readonly organization_id: string;
  readonly rows: number;
}

/**
 * Finds the stored grants that mean nothing under `policy`: all of them, or the denies alone. Whether a
 * row is valid depends on its scope, effect and dimensions, and on whether it is a wildcard, so one row
 * of each sort is looked at. The grants of deleted roles count for nothing, and nobody could mend them.
 */
export async function findInvalidGrants(
  reader: Reader,
  policy: Policy,
  { onlyDenies = false } = {},
): Promise<readonly InvalidGrants[]> {
  const groups = await query<Group>(reader, {
    text: `
      SELECT scope, effect, dimensions, count(*) AS rows,
             min(organization_id) AS organization_id, min(resource_id) AS resource_id
        FROM (SELECT organization_id, role_id, scope, effect, dimensions, resource_id FROM rolecall.grants
              UNION ALL
              SELECT organization_id, role_id, scope, effect, dimensions, resource_id
                FROM rolecall.legacy_grants WHERE NOT brought_over) g
       WHERE (effect = 'deny' OR NOT $1)
         AND NOT EXISTS (SELECT FROM rolecall.roles r
                          WHERE r.organization_id = g.organization_id AND r.id = g.role_id
                            AND r.deleted_at IS NOT NULL)
       GROUP BY scope, effect, dimensions, (resource_id = '*')
       ORDER BY effect DESC, scope`,
    values: [onlyDenies],
  });
  return groups.flatMap((group) => {
    const { scope, effect, rows, organization_id, resource_id, dimensions } = group;
    const [resource_kind = ''] = scope.split(':');
    const selector = { ...dimensions, resource_kind, resource_id };
    const judged = classifyStored(policy, { scope, effect, selector });
    if (judged === 'valid') return [];
    return [{ scope, effect, rows, exampleOrganization: organization_id, reason: judged.message }];
  });
}

import { type Grant } from '@rolecall/policy';
import {
  type GrantEffect,
  query,
  type Reader,
  type Statement,
  type Tx,
} from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type DirectGrant } from './direct-grant.ts';
import { grantColumns, toSelector } from './grants-store.ts';

/** Who holds direct grants, by the column that names them. */
export interface Holder {
  readonly column: 'membership_id' | 'api_key_id';
  readonly id: string;
}

interface DirectGrantRow {
  readonly id: number;
  readonly principal: string;
  readonly scope: string;
  readonly effect: GrantEffect;
  readonly resource_id: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly created_at: string;
}

/** The columns of a `DirectGrantRow`, from grants `g` and the memberships `m` of those that have one. */
const COLUMNS = `g.id, coalesce('user:' || m.user_id, 'membership:' || m.id, 'api_key:' || g.api_key_id) AS principal,
  g.scope, g.effect, g.resource_id, g.dimensions, g.created_at`;
const MEMBERSHIP = `LEFT JOIN rolecall.memberships m
  ON m.organization_id = g.organization_id AND m.id = g.membership_id`;

const WANTED = `wanted AS (
  SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::jsonb[])
    WITH ORDINALITY AS n (scope, effect, resource_id, dimensions, ordinal))`;
const SAME = `w.scope = g.scope AND w.effect = g.effect
  AND w.resource_id = g.resource_id AND w.dimensions = g.dimensions`;

/** Gives grants to a holder; what it holds already stays. Answers with all that were named, and which are new. */
export async function insertDirectGrants(
  tx: Tx,
  lock: OrganizationLock,
  holder: Holder,
  grants: readonly Grant[],
): Promise<readonly (DirectGrant & { readonly fresh: boolean })[]> {
  const rows = await query<DirectGrantRow & { readonly fresh: boolean }>(tx, {
    text: `WITH ${WANTED}, fresh AS (
        INSERT INTO rolecall.grants
          (organization_id, ${holder.column}, scope, effect, resource_id, dimensions)
        SELECT $1, $2, w.scope, w.effect, w.resource_id, w.dimensions FROM wanted w ORDER BY w.ordinal
        ON CONFLICT DO NOTHING RETURNING *
      ), held AS (
        SELECT g.*, false AS fresh FROM wanted w JOIN rolecall.grants g
          ON g.organization_id = $1 AND g.${holder.column} = $2 AND ${SAME}
        UNION ALL SELECT fresh.*, true FROM fresh)
      SELECT ${COLUMNS}, g.fresh FROM held g ${MEMBERSHIP} ORDER BY g.id`,
    values: [lock.organizationId, holder.id, ...grantColumns(grants)],
  });
  return rows.map((row) => ({ ...toDirectGrant(row), fresh: row.fresh }));
}

/** Takes grants from a holder; answers with those that it held. */
export async function deleteDirectGrants(
  tx: Tx,
  lock: OrganizationLock,
  holder: Holder,
  grants: readonly Grant[],
): Promise<readonly DirectGrant[]> {
  return remove(tx, {
    where: `g.${holder.column} = $2 AND EXISTS (SELECT FROM wanted w WHERE ${SAME})`,
    with: `${WANTED}, `,
    values: [lock.organizationId, holder.id, ...grantColumns(grants)],
  });
}

/** Takes all of its direct grants from a holder. */
export async function deleteGrantsOf(
  tx: Tx,
  lock: OrganizationLock,
  holder: Holder,
): Promise<readonly DirectGrant[]> {
  return remove(tx, {
    where: `g.${holder.column} = $2`,
    values: [lock.organizationId, holder.id],
  });
}

/** Deletes one direct grant, if it is one; a role's grants are changed on the role. */
export async function deleteDirectGrant(
  tx: Tx,
  lock: OrganizationLock,
  id: string,
): Promise<DirectGrant | undefined> {
  const [deleted] = await remove(tx, {
    where: 'g.id = $2::bigint AND g.role_id IS NULL',
    values: [lock.organizationId, id],
  });
  return deleted;
}

/** Direct grants in the order they were given, after an id, at most `count`; of one holder, or of all. */
export async function pageDirectGrants(
  reader: Reader,
  organizationId: string,
  page: GrantsPage,
): Promise<readonly DirectGrant[]> {
  const rows = await query<DirectGrantRow>(reader, pageGrantsStatement(organizationId, page));
  return rows.map(toDirectGrant);
}

interface GrantsPage {
  readonly holder: Holder | undefined;
  readonly after: string;
  readonly count: number;
}

/** The statement of `pageDirectGrants`. */
export function pageGrantsStatement(
  organizationId: string,
  { holder, after, count }: GrantsPage,
): Statement {
  return {
    text: `SELECT ${COLUMNS} FROM rolecall.grants g ${MEMBERSHIP}
      WHERE g.organization_id = $1 AND g.id > $2::bigint AND ${heldBy(holder, 4)}
      ORDER BY g.id LIMIT $3`,
    values: [organizationId, after, count, ...(holder === undefined ? [] : [holder.id])],
  };
}

/** How many direct grants there are; counting stops one after the limit of exact totals. */
export async function countDirectGrants(
  reader: Reader,
  organizationId: string,
  holder: Holder | undefined,
): Promise<number> {
  const [row] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (SELECT 1 FROM rolecall.grants g
      WHERE g.organization_id = $1 AND ${heldBy(holder, 3)} LIMIT $2) counted`,
    values: [organizationId, COUNTED_TO + 1, ...(holder === undefined ? [] : [holder.id])],
  });
  return row?.total ?? 0;
}

interface Removal {
  readonly where: string;
  readonly with?: string;
  readonly values: readonly unknown[];
}

async function remove(tx: Tx, removal: Removal): Promise<readonly DirectGrant[]> {
  const rows = await query<DirectGrantRow>(tx, {
    text: `WITH ${removal.with ?? ''}gone AS (
        DELETE FROM rolecall.grants g WHERE g.organization_id = $1 AND ${removal.where} RETURNING g.*)
      SELECT ${COLUMNS} FROM gone g ${MEMBERSHIP} ORDER BY g.id`,
    values: removal.values,
  });
  return rows.map(toDirectGrant);
}

function heldBy(holder: Holder | undefined, parameter: number): string {
  return holder === undefined ? 'g.role_id IS NULL' : `g.${holder.column} = $${parameter}::uuid`;
}

function toDirectGrant(row: DirectGrantRow): DirectGrant {
  return {
    id: String(row.id),
    principal: row.principal,
    scope: row.scope,
    effect: row.effect,
    selector: toSelector(row.scope, row.resource_id, row.dimensions),
    createdAt: row.created_at,
  };
}

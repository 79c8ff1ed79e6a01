import {
  type EnforcementState,
  isUniqueViolation,
  query,
  type Reader,
  type Statement,
  type Tx,
} from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { identifierProblem } from './fields.ts';
import { type Organization } from './organization.ts';
import { type OrganizationLock } from './organization-lock.ts';

const COLUMNS = `o.id, o.name, o.workos_id, s.enforcement, s.member_count, s.role_count, s.no_admin,
  o.created_at, o.updated_at`;
const TABLES = `rolecall.organizations o
  JOIN rolecall.organization_state s ON s.organization_id = o.id`;

/** The text in which organizations are searched: each word after a space. */
const SEARCHED = `' ' || lower(o.name) || ' ' || lower(o.id)`;

interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly workos_id: string | null;
  readonly enforcement: EnforcementState;
  readonly member_count: number;
  readonly role_count: number;
  readonly no_admin: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

/** One organization, if it is there. */
export async function findOrganization(
  reader: Reader,
  id: string,
): Promise<Organization | undefined> {
  if (identifierProblem(id) !== undefined) return undefined;
  const [row] = await query<OrganizationRow>(reader, {
    name: 'find_organization',
    text: `SELECT ${COLUMNS} FROM ${TABLES} WHERE o.id = $1`,
    values: [id],
  });
  return row && toOrganization(row);
}

/** Whether an organization is there. */
export async function organizationExists(reader: Reader, id: string): Promise<boolean> {
  if (identifierProblem(id) !== undefined) return false;
  const rows = await query(reader, {
    name: 'organization_exists',
    text: 'SELECT 1 FROM rolecall.organizations WHERE id = $1',
    values: [id],
  });
  return rows.length > 0;
}

/** Organizations by age after a place in that order, at most `count`; those that match, when there is a pattern. */
export async function pageOrganizations(
  reader: Reader,
  page: OrganizationsPage,
): Promise<readonly Organization[]> {
  const rows = await query<OrganizationRow>(reader, pageOrganizationsStatement(page));
  return rows.map(toOrganization);
}

/** The statement of `pageOrganizations`. */
export function pageOrganizationsStatement({
  after,
  pattern,
  count,
}: OrganizationsPage): Statement {
  return {
    text: `SELECT ${COLUMNS} FROM ${TABLES}
      WHERE (o.created_at, o.id) > ($1::timestamptz, $2)
        ${pattern === undefined ? '' : `AND ${SEARCHED} LIKE lower($4)`}
      ORDER BY o.created_at, o.id LIMIT $3`,
    values: [...after, count, ...(pattern === undefined ? [] : [pattern])],
  };
}

interface OrganizationsPage {
  readonly after: readonly [createdAt: string, id: string];
  readonly pattern: string | undefined;
  readonly count: number;
}

/** How many organizations there are, or match; counting stops one after the limit of exact totals. */
export async function countOrganizations(
  reader: Reader,
  pattern: string | undefined,
): Promise<number> {
  const [row] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (
      SELECT 1 FROM rolecall.organizations o
        ${pattern === undefined ? '' : `WHERE ${SEARCHED} LIKE lower($2)`} LIMIT $1) counted`,
    values: [COUNTED_TO + 1, ...(pattern === undefined ? [] : [pattern])],
  });
  return row?.total ?? 0;
}

/** What keeps a new organization from being made, as far as anybody can see it. */
export async function findOrganizationClash(
  reader: Reader,
  id: string,
  workosId: string | null,
): Promise<'organization_exists' | 'workos_id_taken' | undefined> {
  const [row] = await query<{ readonly id_taken: boolean; readonly workos_id_taken: boolean }>(
    reader,
    {
      text: `SELECT EXISTS (SELECT FROM rolecall.organizations WHERE id = $1) AS id_taken,
        EXISTS (SELECT FROM rolecall.organizations WHERE workos_id = $2) AS workos_id_taken`,
      values: [id, workosId],
    },
  );
  if (row?.id_taken === true) return 'organization_exists';
  return row?.workos_id_taken === true ? 'workos_id_taken' : undefined;
}

/** Makes an organization at revision 0, unless its id or its WorkOS id is taken: then false. */
export async function insertOrganization(
  tx: Tx,
  organization: Pick<Organization, 'id' | 'name' | 'workosId' | 'enforcement'>,
): Promise<boolean> {
  const { id, name, workosId, enforcement } = organization;
  const rows = await query(tx, {
    text: `WITH made AS (
        INSERT INTO rolecall.organizations (id, name, workos_id) VALUES ($1, $2, $3)
          ON CONFLICT DO NOTHING RETURNING id)
      INSERT INTO rolecall.organization_state (organization_id, enforcement)
        SELECT id, $4 FROM made RETURNING organization_id`,
    values: [id, name, workosId, enforcement],
  });
  return rows.length > 0;
}

/**
 * Replaces name and link; false when the WorkOS id belongs to another organization. After that the
 * transaction can only be rolled back.
 */
export async function updateOrganizationRow(
  tx: Tx,
  lock: OrganizationLock,
  { name, workosId }: Pick<Organization, 'name' | 'workosId'>,
): Promise<boolean> {
  try {
    await query(tx, {
      text: `UPDATE rolecall.organizations SET name = $2, workos_id = $3, updated_at = now()
        WHERE id = $1`,
      values: [lock.organizationId, name, workosId],
    });
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

/** Sets the enforcement. */
export async function updateEnforcement(
  tx: Tx,
  lock: OrganizationLock,
  enforcement: EnforcementState,
): Promise<void> {
  await query(tx, {
    text: 'UPDATE rolecall.organization_state SET enforcement = $2 WHERE organization_id = $1',
    values: [lock.organizationId, enforcement],
  });
}

function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    workosId: row.workos_id,
    enforcement: row.enforcement,
    memberCount: row.member_count,
    roleCount: row.role_count,
    noAdmin: row.no_admin,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

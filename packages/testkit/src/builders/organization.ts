import { type EnforcementState, type Reader, query } from '@rolecall/server/database';
import { freshName } from './fresh-names.ts';

export interface OrganizationPlan {
  readonly id?: string;
  readonly name?: string;
  readonly workosId?: string;
  readonly enforcement?: EnforcementState;
  /** The grants that the system roles begin with; on unless told otherwise. */
  readonly systemGrants?: boolean;
}

export interface BuiltOrganization {
  readonly id: string;
  readonly adminRoleId: string;
  readonly memberRoleId: string;
}

/** What the built-in policy gives to the system roles, everywhere. */
const ADMIN_SCOPES = [
  'org:read',
  'org:admin',
  'project:read',
  'project:write',
  'mcp:connect',
  'mcp:read',
  'mcp:write',
  'environment:read',
  'environment:write',
];
const MEMBER_SCOPES = ['org:read', 'project:read', 'mcp:read', 'mcp:connect', 'environment:read'];

/** An organization with its state and its two system roles; `enforced` unless told otherwise. */
export async function buildOrganization(
  reader: Reader,
  plan: OrganizationPlan = {},
): Promise<BuiltOrganization> {
  const id = plan.id ?? freshName('organization');
  await query(reader, {
    text: `
      WITH organization AS (
        INSERT INTO rolecall.organizations (id, name, workos_id) VALUES ($1, $2, $3) RETURNING id
      )
      INSERT INTO rolecall.organization_state (organization_id, enforcement)
        SELECT id, $4 FROM organization`,
    values: [
      id,
      plan.name ?? `Organization ${id}`,
      plan.workosId ?? null,
      plan.enforcement ?? 'enforced',
    ],
  });
  const roleIds = await insertSystemRoles(reader, id);
  if (plan.systemGrants ?? true) {
    await insertGrantsEverywhere(reader, id, roleIds.adminRoleId, ADMIN_SCOPES);
    await insertGrantsEverywhere(reader, id, roleIds.memberRoleId, MEMBER_SCOPES);
  }
  return { id, ...roleIds };
}

async function insertSystemRoles(
  reader: Reader,
  organizationId: string,
): Promise<{ adminRoleId: string; memberRoleId: string }> {
  const rows = await query<{ readonly admin: string; readonly member: string }>(reader, {
    text: `
      WITH system_roles AS (
        SELECT id, slug FROM rolecall.global_roles
          WHERE slug IN ('admin', 'member') AND deleted_at IS NULL
      ), inserted AS (
        INSERT INTO rolecall.roles (organization_id, id, kind)
          SELECT $1, id, 'global' FROM system_roles
      )
      SELECT (SELECT id FROM system_roles WHERE slug = 'admin') AS admin,
             (SELECT id FROM system_roles WHERE slug = 'member') AS member`,
    values: [organizationId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('the system roles are missing');
  return { adminRoleId: row.admin, memberRoleId: row.member };
}

async function insertGrantsEverywhere(
  reader: Reader,
  organizationId: string,
  roleId: string,
  scopes: readonly string[],
): Promise<void> {
  await query(reader, {
    text: `
      INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
        SELECT $1, $2, scope, 'allow', '*' FROM unnest($3::text[]) AS scope`,
    values: [organizationId, roleId, scopes],
  });
}

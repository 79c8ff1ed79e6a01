import { type Reader, type Tx } from '../database/index.ts';
import {
  organizationExists,
  type OrganizationLock,
  organizationNotFound,
} from '../identity/index.ts';
import { type AuditEntry } from '../audit/index.ts';
import { bringRoleOver } from './legacy/index.ts';
import { isUuid, roleNotFound } from './role-refusals.ts';
import { type Role } from './role.ts';
import { findAssignableRoles, findRole, type RoleRecord } from './roles-store.ts';

/** One live role. Throws `role_not_found`, or `organization_not_found` where that is the reason. */
export async function getRole(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<Role> {
  const record = await findRoleById(reader, organizationId, roleId);
  if (record !== undefined) return record.role;
  if (!(await organizationExists(reader, organizationId)))
    throw organizationNotFound(organizationId);
  throw roleNotFound([roleId]);
}

/** A role that a command is about, and what the history says of its having been keyed by its id. */
export interface HeldRole extends RoleRecord {
  readonly brought: readonly AuditEntry[];
}

/**
 * The live role that a command is about, with its rows. What it had by its slug it has by its id from then on:
 * a command writes one form only. Throws `role_not_found`.
 */
export async function requireRole(
  tx: Tx,
  lock: OrganizationLock,
  roleId: string,
): Promise<HeldRole> {
  const record = await findRoleById(tx, lock.organizationId, roleId);
  if (record === undefined) throw roleNotFound([roleId]);
  if (!record.rows.some((row) => row.legacy)) return { ...record, brought: [] };
  const brought = await bringRoleOver(tx, lock, record.role.id);
  const again = await findRoleById(tx, lock.organizationId, roleId);
  if (again === undefined) throw roleNotFound([roleId]);
  return { ...again, brought };
}

/**
 * Refuses roles that the organization does not have; what a member holds already, and the system roles, need
 * not be looked up. Throws `role_not_found`, naming all of them.
 */
export async function requireRoles(
  tx: Tx,
  lock: OrganizationLock,
  { roleIds, held }: { readonly roleIds: readonly string[]; readonly held: readonly string[] },
): Promise<void> {
  const known = new Set([...held, lock.adminRoleId, lock.memberRoleId]);
  const asked = roleIds.filter((id) => !known.has(id));
  if (asked.length === 0) return;
  const found = await findAssignableRoles(tx, lock.organizationId, asked.filter(isUuid));
  const missing = asked.filter((id) => !found.has(id));
  if (missing.length > 0) throw roleNotFound(missing);
}

async function findRoleById(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<RoleRecord | undefined> {
  return isUuid(roleId) ? findRole(reader, organizationId, roleId) : undefined;
}

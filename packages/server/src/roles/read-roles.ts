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
 * The live role that a command is about, with its rows, as it was read behind the lock. What it had by its slug
 * it has by its id from then on: a command writes one form only. Throws `role_not_found`.
 */
export async function requireRole(
  tx: Tx,
  lock: OrganizationLock,
  { roleId, record }: { readonly roleId: string; readonly record: RoleRecord | undefined },
): Promise<HeldRole> {
  if (record === undefined) throw roleNotFound([roleId]);
  if (!record.rows.some((row) => row.legacy)) return { ...record, brought: [] };
  const brought = await bringRoleOver(tx, lock, record.role.id);
  const again = await findRoleById(tx, lock.organizationId, roleId);
  if (again === undefined) throw roleNotFound([roleId]);
  return { ...again, brought };
}

/** Roles that a command wants to assign, and those of them that were found assignable behind the lock. */
export interface WantedRoles {
  readonly roleIds: readonly string[];
  readonly found: ReadonlySet<string>;
}

/** Looks up roles that are to be assigned; what cannot be an id is not found. */
export async function findWantedRoles(
  reader: Reader,
  organizationId: string,
  roleIds: readonly string[],
): Promise<WantedRoles> {
  const possible = roleIds.filter(isUuid);
  const found = await findAssignableRoles(reader, organizationId, possible);
  return { roleIds, found };
}

/**
 * Refuses roles that the organization does not have; what a member holds already, and the system roles, may stay
 * whatever was found. Throws `role_not_found`, naming all of them.
 */
export function requireRoles(
  lock: OrganizationLock,
  { roleIds, found }: WantedRoles,
  held: readonly string[],
): void {
  const known = new Set([...held, ...found, lock.adminRoleId, lock.memberRoleId]);
  const missing = roleIds.filter((id) => !known.has(id));
  if (missing.length > 0) throw roleNotFound(missing);
}

/** One live role with its rows, if there is one of this id. */
export async function findRoleById(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<RoleRecord | undefined> {
  return isUuid(roleId) ? findRole(reader, organizationId, roleId) : undefined;
}

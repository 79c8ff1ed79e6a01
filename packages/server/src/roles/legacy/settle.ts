import { query, type Tx } from '../../database/index.ts';
import { refusal } from '../../errors/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeCommand } from '../close-command.ts';
import { type CommandContext, type Committed } from '../command.ts';
import { isUuid, roleNotFound } from '../role-refusals.ts';
import { type Role } from '../role.ts';
import { findRole } from '../roles-store.ts';
import { bringRoleOver } from './bring-over.ts';

/** What is to become of grants whose slug names no role. */
export interface Settlement {
  readonly slug: string;
  /** The role that gets them; null when they are to be deleted. */
  readonly roleId: string | null;
}

/**
 * Decides what nothing else can: gives the grants of a slug that names no role to a role, or deletes them. The
 * value is how many they were. Throws `organization_not_found`, `role_not_found`, and `legacy_slug_not_found` when
 * there are none.
 */
export async function settleLegacySlug(
  tx: Tx,
  organizationId: string,
  { slug, roleId }: Settlement,
  context: CommandContext,
): Promise<Committed<number>> {
  const lock = await lockOrganization(tx, organizationId);
  const role = roleId === null ? undefined : await receiver(tx, organizationId, roleId);
  const unmapped = 'organization_id = $1 AND slug = $2 AND NOT brought_over AND role_id IS NULL';
  const rows = await query(tx, {
    text:
      role === undefined
        ? `DELETE FROM rolecall.legacy_grants WHERE ${unmapped} RETURNING 1`
        : `UPDATE rolecall.legacy_grants SET role_id = $3 WHERE ${unmapped} RETURNING 1`,
    values: [organizationId, slug, ...(role === undefined ? [] : [role.id])],
  });
  if (rows.length === 0) throw nothingUnmapped(slug);
  const brought = role === undefined ? [] : await bringRoleOver(tx, lock, role.id);
  await closeCommand(tx, lock, context, {
    changed: { roles: role === undefined ? [] : [role.id] },
    entries: [
      {
        action: 'legacy.settled',
        subject: role?.principal ?? `role:${slug}`,
        before: { principal: `role:${slug}`, grants: rows.length },
        after: { principal: role?.principal ?? null },
      },
      ...brought,
    ],
  });
  return { value: rows.length, revision: lock.revision, epoch: lock.epoch };
}

async function receiver(tx: Tx, organizationId: string, roleId: string): Promise<Role> {
  const record = isUuid(roleId) ? await findRole(tx, organizationId, roleId) : undefined;
  if (record === undefined) throw roleNotFound([roleId]);
  return record.role;
}

function nothingUnmapped(slug: string): Error {
  return refusal(
    'legacy_slug_not_found',
    `no grants keyed by \`${slug}\` wait for a decision: they are mapped, or there are none`,
  );
}

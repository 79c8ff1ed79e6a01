import { query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';

/** What a role says of itself in WorkOS. */
export interface MirroredRole {
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
}

/** Makes a role as WorkOS shows it, without grants; nothing when its name or slug is taken here. */
export async function insertMirroredRole(
  tx: Tx,
  lock: OrganizationLock,
  { slug, name, description }: MirroredRole,
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(tx, {
    name: 'insert_mirrored_role',
    text: `INSERT INTO rolecall.roles (organization_id, kind, slug, name, description)
      VALUES ($1, 'organization', $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id`,
    values: [lock.organizationId, slug, name, description],
  });
  return row?.id;
}

/** Leaves a tombstone that keeps the role's grants and lets its slug go: it is gone on the other side. */
export async function buryMirroredRole(
  tx: Tx,
  lock: OrganizationLock,
  roleId: string,
): Promise<void> {
  await query(tx, {
    name: 'bury_mirrored_role',
    text: `UPDATE rolecall.roles SET deleted_at = now(), updated_at = now(), slug_held = false
      WHERE organization_id = $1 AND id = $2`,
    values: [lock.organizationId, roleId],
  });
}

/** Has a tombstone hold its slug again, which nobody else may hold: its deletion is to be confirmed once more. */
export async function holdSlug(tx: Tx, lock: OrganizationLock, roleId: string): Promise<void> {
  await query(tx, {
    name: 'hold_slug',
    text: `UPDATE rolecall.roles SET slug_held = true
      WHERE organization_id = $1 AND id = $2 AND deleted_at IS NOT NULL`,
    values: [lock.organizationId, roleId],
  });
}

/** Lets the slug of a tombstone go, once its deletion is confirmed. */
export async function releaseSlug(tx: Tx, organizationId: string, roleId: string): Promise<void> {
  await query(tx, {
    name: 'release_slug',
    text: `UPDATE rolecall.roles SET slug_held = false
      WHERE organization_id = $1 AND id = $2 AND deleted_at IS NOT NULL`,
    values: [organizationId, roleId],
  });
}

/** Whether somebody can administer the organization. */
export async function hasUsableAdmin(tx: Tx, organizationId: string): Promise<boolean> {
  const rows = await query(tx, {
    name: 'has_usable_admin',
    text: 'SELECT FROM rolecall.usable_admins WHERE organization_id = $1 LIMIT 1',
    values: [organizationId],
  });
  return rows.length > 0;
}

/**
 * Whether somebody was an admin until their person was deleted. That is done for all organizations at once, outside
 * the lock of each; the membership is still as it was.
 */
export async function hasDeletedAdmin(tx: Tx, lock: OrganizationLock): Promise<boolean> {
  const rows = await query(tx, {
    name: 'has_deleted_admin',
    text: `SELECT FROM rolecall.assignments a
      JOIN rolecall.memberships m ON m.organization_id = a.organization_id AND m.id = a.membership_id
      JOIN rolecall.users u ON u.id = m.user_id
      WHERE a.organization_id = $1 AND a.role_id = $2::uuid
        AND m.status = 'active' AND m.deleted_at IS NULL AND u.deleted_at IS NOT NULL LIMIT 1`,
    values: [lock.organizationId, lock.adminRoleId],
  });
  return rows.length > 0;
}

/** Says, for people, whether a change of WorkOS's left nobody who could administer the organization. */
export async function flagNoAdmin(tx: Tx, lock: OrganizationLock, flagged: boolean): Promise<void> {
  await query(tx, {
    name: 'flag_no_admin',
    text: 'UPDATE rolecall.organization_state SET no_admin = $2 WHERE organization_id = $1',
    values: [lock.organizationId, flagged],
  });
}

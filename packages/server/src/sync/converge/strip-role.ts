import { query, type Tx } from '../../database/index.ts';

/**
 * Takes a role that both sides have lost out of what was last observed of its members: nobody removed it from
 * them. They are looked at again, because WorkOS gives another role to whom it leaves without one.
 */
export async function stripRole(
  tx: Tx,
  organizationId: string,
  { slug, membershipIds }: { readonly slug: string; readonly membershipIds: readonly string[] },
): Promise<void> {
  await query(tx, {
    name: 'sync_strip_role',
    text: `UPDATE rolecall.sync_entities SET
        base = CASE WHEN base ? 'roles' THEN jsonb_set(base, '{roles}', (base -> 'roles') - $2::text)
          ELSE base END,
        pushed_version = pushed_version + CASE WHEN pushed_version = local_version THEN 1 ELSE 0 END,
        local_version = local_version + 1,
        next_attempt_at = clock_timestamp()
      WHERE organization_id = $1 AND kind = 'membership_roles' AND subject_id = ANY ($3)`,
    values: [organizationId, slug, membershipIds],
  });
}

/** Notes that we took a role from a member in WorkOS ourselves: that it is gone there is nobody's will. */
export async function dropFromBase(
  tx: Tx,
  organizationId: string,
  { slug, entityId }: { readonly slug: string; readonly entityId: string },
): Promise<void> {
  await query(tx, {
    name: 'sync_drop_from_base',
    text: `UPDATE rolecall.sync_entities SET base = jsonb_set(base, '{roles}', (base -> 'roles') - $2::text)
      WHERE organization_id = $1 AND id = $3 AND base ? 'roles'`,
    values: [organizationId, slug, entityId],
  });
}

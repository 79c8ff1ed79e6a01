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

/**
 * Notes that we took a role from a member in WorkOS ourselves, and gave what stands in for it where nothing was
 * left: that the one is gone there and the other has come is nobody's will.
 */
export async function dropFromBase(
  tx: Tx,
  organizationId: string,
  dropped: { readonly slug: string; readonly standIn: string | null; readonly entityId: string },
): Promise<void> {
  await query(tx, {
    name: 'sync_drop_from_base',
    text: `UPDATE rolecall.sync_entities SET base = jsonb_set(base, '{roles}',
          CASE WHEN $4::text IS NULL THEN (base -> 'roles') - $2::text
            ELSE (base -> 'roles') - $2::text - $4::text || jsonb_build_array($4::text) END)
      WHERE organization_id = $1 AND id = $3 AND base ? 'roles'`,
    values: [organizationId, dropped.slug, dropped.entityId, dropped.standIn],
  });
}

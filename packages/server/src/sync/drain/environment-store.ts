import { type Db, query, type Tx } from '../../database/index.ts';

/** A live membership that something of the environment's concerns. */
export interface Concerned {
  readonly organizationId: string;
  readonly workosMembershipId: string;
  readonly userId: string;
}

const MEMBERS = `SELECT m.organization_id AS "organizationId",
    m.workos_membership_id AS "workosMembershipId", m.user_id AS "userId"
  FROM rolecall.memberships m`;

/** Where this person is a member. */
export async function membershipsOfPerson(
  db: Db,
  workosUserId: string,
): Promise<readonly Concerned[]> {
  return query<Concerned>(db, {
    name: 'sync_memberships_of_person',
    text: `${MEMBERS} JOIN rolecall.users u ON u.id = m.user_id
      WHERE u.workos_user_id = $1 AND m.deleted_at IS NULL AND m.workos_membership_id IS NOT NULL
      ORDER BY 1`,
    values: [workosUserId],
  });
}

/** Who holds this role of the environment. */
export async function holdersOfEnvironmentRole(
  db: Db,
  slug: string,
): Promise<readonly Concerned[]> {
  return query<Concerned>(db, {
    name: 'sync_holders_of_environment_role',
    text: `${MEMBERS} JOIN rolecall.assignments a
        ON a.organization_id = m.organization_id AND a.membership_id = m.id
      JOIN rolecall.global_roles g ON g.id = a.role_id
      WHERE g.slug = $1 AND m.workos_membership_id IS NOT NULL ORDER BY 1`,
    values: [slug],
  });
}

/** Notes that a person is no more; every load denies them from now on. False when nobody here is meant. */
export async function buryPerson(db: Db, workosUserId: string): Promise<boolean> {
  const rows = await query(db, {
    name: 'sync_bury_person',
    text: `UPDATE rolecall.users SET deleted_at = coalesce(deleted_at, now()), updated_at = now()
      WHERE workos_user_id = $1 RETURNING 1`,
    values: [workosUserId],
  });
  return rows.length > 0;
}

/** Notes that a role of the environment is no more; every load ignores it. The system roles stay. */
export async function buryEnvironmentRole(db: Db, slug: string): Promise<void> {
  await query(db, {
    name: 'sync_bury_environment_role',
    text: `UPDATE rolecall.global_roles SET deleted_at = now()
      WHERE slug = $1 AND deleted_at IS NULL AND slug NOT IN ('admin', 'member')`,
    values: [slug],
  });
}

/** The linked organizations. */
export async function listLinked(
  db: Db,
): Promise<readonly { readonly id: string; readonly workosId: string }[]> {
  return query(db, {
    name: 'sync_list_linked',
    text: `SELECT id, workos_id AS "workosId" FROM rolecall.organizations
      WHERE workos_id IS NOT NULL ORDER BY id`,
  });
}

/** Takes over the name of an organization; false when it has it already. */
export async function renameOrganization(
  tx: Tx,
  organizationId: string,
  name: string,
): Promise<boolean> {
  const rows = await query(tx, {
    name: 'sync_rename_organization',
    text: `UPDATE rolecall.organizations SET name = $2, updated_at = now()
      WHERE id = $1 AND name <> $2 RETURNING 1`,
    values: [organizationId, name],
  });
  return rows.length > 0;
}

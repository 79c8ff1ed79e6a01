import { type Db, query } from '../../database/index.ts';

/** A live membership that something of the environment's concerns, also one that WorkOS does not know. */
export interface Concerned {
  readonly organizationId: string;
  readonly membershipId: string;
  readonly workosMembershipId: string | null;
  readonly userId: string;
}

const MEMBERS = `SELECT m.organization_id AS "organizationId", m.id AS "membershipId",
    m.workos_membership_id AS "workosMembershipId", m.user_id AS "userId"
  FROM rolecall.memberships m`;

/** Where this person is a member, in organizations that are not linked too. */
export async function membershipsOfPerson(
  db: Db,
  workosUserId: string,
): Promise<readonly Concerned[]> {
  return query<Concerned>(db, {
    name: 'sync_memberships_of_person',
    text: `${MEMBERS} JOIN rolecall.users u ON u.id = m.user_id
      WHERE u.workos_user_id = $1 AND m.deleted_at IS NULL ORDER BY 1`,
    values: [workosUserId],
  });
}

/** Who holds this role of the environment, in organizations that are not linked too. */
export async function holdersOfEnvironmentRole(
  db: Db,
  slug: string,
): Promise<readonly Concerned[]> {
  return query<Concerned>(db, {
    name: 'sync_holders_of_environment_role',
    text: `${MEMBERS} JOIN rolecall.assignments a
        ON a.organization_id = m.organization_id AND a.membership_id = m.id
      JOIN rolecall.global_roles g ON g.id = a.role_id
      WHERE g.slug = $1 AND m.user_id IS NOT NULL ORDER BY 1`,
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

/** The organization here that is linked to this one of WorkOS. */
export async function findLinkedTo(db: Db, workosId: string): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(db, {
    name: 'sync_find_linked_to',
    text: 'SELECT id FROM rolecall.organizations WHERE workos_id = $1',
    values: [workosId],
  });
  return row?.id;
}

import { type MembershipStatus, query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from './organization-lock.ts';

/** A person as WorkOS knows them. `id` is the id that a user who is new here gets. */
export interface RemotePerson {
  readonly workosUserId: string;
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly photoUrl: string | null;
}

/** What WorkOS owns of a membership. */
export interface MembershipFacts {
  readonly workosMembershipId: string;
  readonly status: MembershipStatus;
  readonly directoryManaged: boolean;
  readonly email: string;
  readonly name: string | null;
  readonly photoUrl: string | null;
}

/**
 * Takes in what WorkOS says about a person; answers with our id. Who is known by their WorkOS id keeps their
 * id; a user here who has the wanted id and no counterpart yet becomes that person; anybody else is new.
 */
export async function takePerson(tx: Tx, person: RemotePerson): Promise<string> {
  const { workosUserId, id, email, name, photoUrl } = person;
  const values = [workosUserId, email, name, photoUrl];
  const [known] = await query<{ readonly id: string }>(tx, {
    name: 'refresh_person',
    text: `UPDATE rolecall.users SET email = $2, name = $3, photo_url = $4, updated_at = now()
      WHERE workos_user_id = $1 RETURNING id`,
    values,
  });
  if (known !== undefined) return known.id;
  const [made] = await query<{ readonly id: string }>(tx, {
    name: 'take_person',
    text: `INSERT INTO rolecall.users (workos_user_id, email, name, photo_url, id)
      VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (id) DO UPDATE SET workos_user_id = $1, email = $2, name = $3, photo_url = $4,
          updated_at = now()
        WHERE users.workos_user_id IS NULL AND users.deleted_at IS NULL
      RETURNING id`,
    values: [...values, id],
  });
  if (made !== undefined) return made.id;
  // The wanted id is somebody else's here; the WorkOS id names nobody but this person.
  return takePerson(tx, { ...person, id: workosUserId });
}

/** Makes a membership of a known user from what WorkOS says; answers with our id. */
export async function insertRemoteMembership(
  tx: Tx,
  lock: OrganizationLock,
  { userId, facts }: { readonly userId: string; readonly facts: MembershipFacts },
): Promise<string> {
  const rows = await query<{ readonly id: string }>(tx, {
    name: 'insert_remote_membership',
    text: `INSERT INTO rolecall.memberships (organization_id, user_id, workos_membership_id, status,
        directory_managed, email, name, photo_url)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    values: [lock.organizationId, userId, ...columnsOf(facts)],
  });
  return rows.map((row) => row.id).join();
}

/** Replaces what WorkOS owns of a live membership, its remote id included. */
export async function updateRemoteMembership(
  tx: Tx,
  lock: OrganizationLock,
  { membershipId, facts }: { readonly membershipId: string; readonly facts: MembershipFacts },
): Promise<void> {
  await query(tx, {
    name: 'update_remote_membership',
    text: `UPDATE rolecall.memberships SET workos_membership_id = $3, status = $4,
        directory_managed = $5, email = $6, name = $7, photo_url = $8, updated_at = now()
      WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL`,
    values: [lock.organizationId, membershipId, ...columnsOf(facts)],
  });
}

/**
 * Suspends the live membership with this remote id, whoever says so first; answers with it when it was not
 * suspended before. An older or newer life of the same person has another remote id and is left alone.
 */
export async function suspendRemoteMembership(
  tx: Tx,
  lock: OrganizationLock,
  workosMembershipId: string,
): Promise<
  | {
      readonly membershipId: string;
      readonly userId: string | null;
      /** What it was before. */
      readonly status: MembershipStatus;
    }
  | undefined
> {
  const [row] = await query<{
    readonly membershipId: string;
    readonly userId: string | null;
    readonly status: MembershipStatus;
  }>(tx, {
    name: 'suspend_remote_membership',
    text: `UPDATE rolecall.memberships m SET status = 'inactive', updated_at = now()
      FROM (SELECT id, status FROM rolecall.memberships
        WHERE organization_id = $1 AND workos_membership_id = $2 AND deleted_at IS NULL
          AND status <> 'inactive') was
      WHERE m.organization_id = $1 AND m.id = was.id
      RETURNING m.id AS "membershipId", m.user_id AS "userId", was.status`,
    values: [lock.organizationId, workosMembershipId],
  });
  return row;
}

/** The organization here that is linked to this one of WorkOS, if there is one. */
export async function findLinkedOrganization(
  tx: Tx,
  workosId: string,
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(tx, {
    name: 'find_linked_organization',
    text: 'SELECT id FROM rolecall.organizations WHERE workos_id = $1',
    values: [workosId],
  });
  return row?.id;
}

function columnsOf(facts: MembershipFacts): readonly unknown[] {
  return [
    facts.workosMembershipId,
    facts.status,
    facts.directoryManaged,
    facts.email,
    facts.name,
    facts.photoUrl,
  ];
}

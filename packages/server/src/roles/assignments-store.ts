import { post, query, type Statement, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { BATCH, batchesOf } from './batches.ts';
import { type AssignmentKey, type RoleSetDifference } from './role-sets.ts';

/** Deletes and inserts assignments; in one statement, which nobody waits for, unless there are very many. */
export async function writeAssignments(
  tx: Tx,
  lock: OrganizationLock,
  { removed, added }: RoleSetDifference,
): Promise<void> {
  if (removed.length + added.length <= BATCH) {
    post(tx, { ...batchStatement(lock, { removed, added }), name: 'write_assignments' });
    return;
  }
  for (const batch of batchesOf(removed))
    await query(tx, batchStatement(lock, { removed: batch, added: [] }));
  for (const batch of batchesOf(added))
    await query(tx, batchStatement(lock, { removed: [], added: batch }));
}

function batchStatement(lock: OrganizationLock, { removed, added }: RoleSetDifference): Statement {
  return {
    text: `WITH removed AS (
        DELETE FROM rolecall.assignments a
          USING unnest($2::uuid[], $3::uuid[]) AS r (membership_id, role_id)
          WHERE a.organization_id = $1 AND a.membership_id = r.membership_id AND a.role_id = r.role_id)
      INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
        SELECT $1, n.membership_id, n.role_id, coalesce(n.joined_at, (
            SELECT m.joined_at FROM rolecall.memberships m
              WHERE m.organization_id = $1 AND m.id = n.membership_id))
          FROM unnest($4::uuid[], $5::uuid[], $6::timestamptz[])
            AS n (membership_id, role_id, joined_at)`,
    values: [
      lock.organizationId,
      ...columnsOf(removed),
      ...columnsOf(added),
      added.map((key) => key.joinedAt ?? null),
    ],
  };
}

/**
 * Whether the organization has a usable admin, and whether it still has one without these memberships.
 * Under the one lock only: anybody else would count admins that are leaving.
 */
export async function countAdminsWithout(
  tx: Tx,
  lock: OrganizationLock,
  membershipIds: readonly string[],
): Promise<{ readonly before: boolean; readonly after: boolean }> {
  const [row] = await query<{ readonly before: boolean; readonly after: boolean }>(tx, {
    name: 'count_admins_without',
    text: `SELECT EXISTS (SELECT FROM rolecall.usable_admins WHERE organization_id = $1) AS before,
      EXISTS (SELECT FROM rolecall.usable_admins
        WHERE organization_id = $1 AND membership_id <> ALL ($2::uuid[])) AS after`,
    values: [lock.organizationId, membershipIds],
  });
  return row ?? { before: false, after: false };
}

/** Takes the flag away that says that nobody can administer the organization, once somebody can. */
export function liftNoAdmin(tx: Tx, lock: OrganizationLock): void {
  post(tx, {
    text: `UPDATE rolecall.organization_state SET no_admin = false
      WHERE organization_id = $1 AND no_admin
        AND EXISTS (SELECT FROM rolecall.usable_admins WHERE organization_id = $1)`,
    values: [lock.organizationId],
  });
}

function columnsOf(keys: readonly AssignmentKey[]): readonly unknown[] {
  return [keys.map((key) => key.membershipId), keys.map((key) => key.roleId)];
}

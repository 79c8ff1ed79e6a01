import { type Grant } from '@rolecall/policy';
import { type Tx } from '../../database/index.ts';
import {
  ensureUsers,
  insertMemberships,
  type OrganizationLock,
  updateProfiles,
} from '../../identity/index.ts';
import { applyRoleSets, type RoleSetTraces } from '../apply-role-sets.ts';
import { liftNoAdmin, writeAssignments } from '../assignments-store.ts';
import { batchesOf } from '../batches.ts';
import { type ImportPlan, type MemberCreation } from './plan.ts';
import {
  insertImportedGrants,
  insertImportedRoles,
  refreshStatistics,
  updateImportedRoles,
} from './write-store.ts';

/** So many rows can make what the planner knows of an organization worthless. */
const MANY = 1_000;

/** Writes a plan, ten thousand rows a statement. Answers with what changed role sets leave behind. */
export async function writePlan(
  tx: Tx,
  lock: OrganizationLock,
  plan: ImportPlan,
): Promise<RoleSetTraces> {
  const { roleUpdates, roleCreations, profileUpdates, memberCreations } = plan;
  if (roleUpdates.length > 0) await updateImportedRoles(tx, lock, roleUpdates);
  if (roleCreations.length > 0) await insertImportedRoles(tx, lock, roleCreations);
  const grants = grantsOf(plan);
  for (const batch of batchesOf(grants)) await insertImportedGrants(tx, lock, batch);
  for (const batch of batchesOf(profileUpdates)) await updateProfiles(tx, lock, batch);
  // In the order of ids, so that imports of the same users never wait for each other in a circle.
  const ordered = memberCreations.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  for (const batch of batchesOf(ordered)) await writeMembers(tx, lock, batch);
  const traces = await applyRoleSets(tx, lock, plan.roleSets);
  if (lock.noAdmin) liftNoAdmin(tx, lock);
  if (memberCreations.length >= MANY || grants.length >= MANY) await refreshStatistics(tx);
  return traces;
}

/** Every row that an import adds to a role, made or known. */
export function grantsOf({
  roleCreations,
  roleUpdates,
}: ImportPlan): readonly { readonly roleId: string; readonly grant: Grant }[] {
  const rows = (roleId: string, grants: readonly Grant[]) =>
    grants.map((grant) => ({ roleId, grant }));
  return [
    ...roleCreations.flatMap(({ id, grants }) => rows(id, grants)),
    ...roleUpdates.flatMap(({ id, gained }) => rows(id, gained)),
  ];
}

async function writeMembers(
  tx: Tx,
  lock: OrganizationLock,
  members: readonly MemberCreation[],
): Promise<void> {
  await ensureUsers(tx, members);
  const made = await insertMemberships(tx, lock, members);
  const added = members.flatMap(({ userId, roleIds }) => {
    const membership = made.get(userId);
    return membership === undefined ? [] : roleIds.map((roleId) => ({ ...membership, roleId }));
  });
  await writeAssignments(tx, lock, { removed: [], added });
}

import { inTransaction, type Tx } from '../../database/index.ts';
import { lockOrganization, type OrganizationLock } from '../../identity/index.ts';
import { appendIntents, priorities } from '../../outbox/index.ts';
import { closeMirror, holdSlug, mirrorEnvironmentRole, mirrorRole } from '../../roles/index.ts';
import { type RemoteRole } from '../../workos/index.ts';
import { requireLease, wakeEntities } from '../entity/index.ts';
import { type ConvergeContext } from './context.ts';
import { findDeletedAuthor } from './role-attempts-store.ts';
import { insertSettledEntity } from './settled-entity-store.ts';

/**
 * What became of a role that WorkOS shows and nobody here has. `own_late_write`: a creation of ours, of a role that
 * was deleted since, has arrived after all; that role's entity deletes it.
 */
export type RoleTaken = 'taken' | 'name_taken' | 'own_late_write';

/** Takes a role of WorkOS's in that nobody here has, without grants. */
export async function takeRole(context: ConvergeContext, remote: RemoteRole): Promise<RoleTaken> {
  const { db, organizationId, lease, cause } = context;
  return inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    if (remote.kind === 'organization' && (await disown(tx, lock, remote))) {
      await closeMirror(tx, lock, [], cause);
      return 'own_late_write';
    }
    if (remote.kind === 'environment') {
      const traces = await mirrorEnvironmentRole(tx, lock, { role: remote, cause });
      await wakeWhoWaits(tx, organizationId);
      await closeMirror(tx, lock, [traces], cause);
      return 'taken';
    }
    const taken = await mirrorRole(tx, lock, remote);
    if (taken === undefined) return 'name_taken';
    const { remoteId, name, description } = remote;
    await insertSettledEntity(tx, organizationId, {
      kind: 'organization_role',
      subjectId: taken.roleId,
      base: { remoteId, fields: { name, description } },
    });
    await wakeWhoWaits(tx, organizationId);
    await closeMirror(tx, lock, [taken.traces], cause);
    return 'taken';
  });
}

/**
 * INVARIANT (waiting ends): who waits for a role is woken once one is known, and never because one cannot be: two who
 * wait for it would wake each other for ever.
 */
function wakeWhoWaits(tx: Tx, organizationId: string): Promise<void> {
  return wakeEntities(tx, organizationId, ['unknown_role']);
}

/**
 * INVARIANT (remembered attempts): what an unanswered call of ours made is nobody's will, also after its role was
 * deleted and the slug let go. The tombstone holds the slug again, and is to be deleted there again.
 */
async function disown(tx: Tx, lock: OrganizationLock, remote: RemoteRole): Promise<boolean> {
  const subjectId = await findDeletedAuthor(tx, lock.organizationId, remote);
  if (subjectId === undefined) return false;
  await holdSlug(tx, lock, subjectId);
  const intent = {
    kind: 'organization_role',
    subjectId,
    priority: priorities.roleDeletion,
  } as const;
  await appendIntents(tx, lock, [intent]);
  return true;
}

/** Takes in as many of these roles as WorkOS has; whether all of them are known now. */
export async function takeUnknownRoles(
  context: ConvergeContext,
  slugs: readonly string[],
): Promise<boolean> {
  const roles = await context.port.listRoles(context.workosId);
  let known = true;
  for (const slug of slugs) {
    const found = roles.filter((role) => role.slug === slug);
    // An organization's own role shadows the environment's of the same slug.
    const role = found.find(({ kind }) => kind === 'organization') ?? found[0];
    const taken = role !== undefined && (await takeRole(context, role)) === 'taken';
    known &&= taken;
  }
  return known;
}

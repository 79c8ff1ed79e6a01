import { inTransaction, type Tx } from '../../database/index.ts';
import { lockOrganization, takePerson } from '../../identity/index.ts';
import { closeMirror, mirrorMembership } from '../../roles/index.ts';
import { type RemoteMembership, type RemoteUser } from '../../workos/index.ts';
import { slugSet, without } from '../decide/index.ts';
import { ensureEntity, requireLease } from '../entity/index.ts';
import { type ConvergeContext } from './context.ts';
import { FALLBACK_ROLE } from './empty-role.ts';
import { findMembershipOf, findUserToLink, readRoleDirectory } from './local-store.ts';
import { factsOf, personOf, profileOf } from './observe-membership.ts';
import { insertSettledEntity } from './settled-entity-store.ts';
import { takeUnknownRoles } from './take-role.ts';

/**
 * Takes in a membership that nobody here has, with the roles that it has there. Roles that nobody knows are waited
 * for: the rest is taken. False when its person turns out to have one here: that is left to its entity.
 */
export async function takeMembership(
  context: ConvergeContext,
  remote: RemoteMembership,
): Promise<boolean> {
  const { db, organizationId, lease } = context;
  const user = await profileOf(context, remote);
  await takeRolesOf(context, remote);
  return inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    const linkable = user.emailVerified
      ? await findUserToLink(tx, organizationId, user.email)
      : undefined;
    const person = personOf(user);
    const userId = await takePerson(
      tx,
      linkable === undefined ? person : { ...person, id: linkable },
    );
    const ids = { remoteId: remote.remoteId, workosUserId: remote.userId };
    const traces = [];
    const absent = (await findMembershipOf(tx, organizationId, ids)) === undefined;
    if (absent) {
      const { idOf } = await readRoleDirectory(tx, organizationId);
      const roles = slugSet(remote.roleSlugs.filter((slug) => idOf.has(slug)));
      const held = roles.length === 0 ? [FALLBACK_ROLE] : roles;
      const roleIds = held.flatMap((slug) => idOf.get(slug) ?? []);
      const made = await mirrorMembership(tx, lock, {
        userId,
        facts: factsOf(remote, user),
        roleIds,
      });
      traces.push(made.traces);
      await insertSettledEntity(tx, organizationId, {
        kind: 'membership_roles',
        subjectId: made.membershipId,
        base: {
          remoteId: remote.remoteId,
          roles: [...held],
          suspendedRoles: remote.status === 'inactive' ? [...slugSet(remote.roleSlugs)] : null,
          suspendedByDirectory: remote.status === 'inactive' && remote.directoryManaged,
        },
        parked: roles.length < remote.roleSlugs.length,
      });
    }
    await closeMirror(tx, lock, traces, context.cause);
    await noteExternalId(tx, organizationId, { userId, user });
    return absent;
  });
}

/** WorkOS is to know the person by our id, where we have one of our own and it has none. */
async function noteExternalId(
  tx: Tx,
  organizationId: string,
  { userId, user }: { readonly userId: string; readonly user: RemoteUser },
): Promise<void> {
  const known = user.externalId !== null && user.externalId !== '';
  if (known || userId === user.remoteId) return;
  await ensureEntity(tx, organizationId, { kind: 'external_id', subjectId: userId });
}

async function takeRolesOf(context: ConvergeContext, remote: RemoteMembership): Promise<void> {
  const { idOf } = await readRoleDirectory(context.db, context.organizationId);
  const missing = without(remote.roleSlugs, [...idOf.keys()]);
  if (missing.length > 0) await takeUnknownRoles(context, missing);
}

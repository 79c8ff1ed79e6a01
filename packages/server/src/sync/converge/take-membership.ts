import { inTransaction } from '../../database/index.ts';
import { lockOrganization, takePerson } from '../../identity/index.ts';
import { closeMirror, mirrorMembership } from '../../roles/index.ts';
import { type RemoteMembership } from '../../workos/index.ts';
import { slugSet, without } from '../decide/index.ts';
import { requireLease } from '../entity/index.ts';
import { type ConvergeContext } from './context.ts';
import { FALLBACK_ROLE } from './empty-role.ts';
import { findMembershipOf, findUserToLink, readRoleDirectory } from './local-store.ts';
import { factsOf, personOf, profileOf } from './observe-membership.ts';
import { insertSettledEntity } from './settled-entity-store.ts';
import { takeUnknownRoles } from './take-role.ts';

/**
 * Takes in a membership that nobody here has, with the roles that it has there. What is here already is left
 * to its entity. Roles that nobody knows are waited for: the rest is taken.
 */
export async function takeMembership(
  context: ConvergeContext,
  remote: RemoteMembership,
): Promise<void> {
  const { db, organizationId, lease } = context;
  const user = await profileOf(context, remote);
  await takeRolesOf(context, remote);
  await inTransaction(db, async (tx) => {
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
    if ((await findMembershipOf(tx, organizationId, ids)) === undefined) {
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
        },
        parked: roles.length < remote.roleSlugs.length,
      });
    }
    await closeMirror(tx, lock, traces);
  });
}

async function takeRolesOf(context: ConvergeContext, remote: RemoteMembership): Promise<void> {
  const { idOf } = await readRoleDirectory(context.db, context.organizationId);
  const missing = without(remote.roleSlugs, [...idOf.keys()]);
  if (missing.length > 0) await takeUnknownRoles(context, missing);
}

import { inTransaction } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeMirror, mirrorEnvironmentRole, mirrorRole } from '../../roles/index.ts';
import { type RemoteRole } from '../../workos/index.ts';
import { requireLease, wakeEntities } from '../entity/index.ts';
import { type ConvergeContext } from './context.ts';
import { insertSettledEntity } from './settled-entity-store.ts';

/** Takes a role of WorkOS's in that nobody here has, without grants; false when its name is taken here. */
export async function takeRole(context: ConvergeContext, remote: RemoteRole): Promise<boolean> {
  const { db, organizationId, lease, cause } = context;
  return inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    await wakeEntities(tx, organizationId, ['unknown_role']);
    if (remote.kind === 'environment') {
      await closeMirror(
        tx,
        lock,
        [await mirrorEnvironmentRole(tx, lock, { role: remote, cause })],
        cause,
      );
      return true;
    }
    const taken = await mirrorRole(tx, lock, remote);
    if (taken === undefined) return false;
    const { remoteId, name, description } = remote;
    await insertSettledEntity(tx, organizationId, {
      kind: 'organization_role',
      subjectId: taken.roleId,
      base: { remoteId, fields: { name, description } },
    });
    await closeMirror(tx, lock, [taken.traces], cause);
    return true;
  });
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
    const taken = role !== undefined && (await takeRole(context, role));
    known &&= taken;
  }
  return known;
}

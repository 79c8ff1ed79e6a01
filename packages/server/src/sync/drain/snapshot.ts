import { inTransaction } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeMirror, ensureEnvironmentRole } from '../../roles/index.ts';
import { type RemoteMembership } from '../../workos/index.ts';
import { type ConvergeContext } from '../converge/index.ts';
import { raiseMarks, requireLease } from '../entity/index.ts';
import { releaseParked } from '../inbound/index.ts';
import { dueAbsentees, ensureLinkingEntities, noteCompared } from './snapshot-store.ts';

/**
 * Compares an organization as a whole: lists the other side completely, then marks everything on both sides to
 * be looked at, in one transaction. A listing that breaks marks nothing: what was not seen would look absent.
 * What was seen serves the first observation of each; what was not is asked for directly. Throws what calls
 * throw, and `LeaseLost`.
 */
export async function takeSnapshot(context: ConvergeContext, wanted: number): Promise<void> {
  const { db, port, organizationId, workosId, lease, seen } = context;
  const roles = await port.listRoles(workosId);
  const memberships: RemoteMembership[] = [];
  for await (const membership of port.allMemberships({ organizationId: workosId })) {
    memberships.push(membership);
  }
  const own = roles.filter(({ kind }) => kind === 'organization');
  const slugs = own.map(({ slug }) => slug);
  const membershipIds = memberships.map(({ remoteId }) => remoteId);
  await inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    for (const role of roles) {
      if (role.kind === 'environment') await ensureEnvironmentRole(tx, lock, role);
    }
    await ensureLinkingEntities(tx, organizationId);
    await dueAbsentees(tx, organizationId, { slugs, membershipIds });
    await raiseMarks(tx, organizationId, 'organization_role', slugs);
    await raiseMarks(tx, organizationId, 'membership', membershipIds);
    await releaseParked(tx, workosId);
    await noteCompared(tx, organizationId, wanted);
    await closeMirror(tx, lock, [{ changed: { organization: true }, entries: [] }]);
  });
  for (const role of own) seen.roles.set(role.slug, role);
  for (const membership of memberships) seen.memberships.set(membership.remoteId, membership);
}

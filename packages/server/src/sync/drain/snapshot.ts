import { inTransaction } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeMirror, mirrorEnvironmentRole, type MirrorTraces } from '../../roles/index.ts';
import { type ConvergeContext } from '../converge/index.ts';
import { raiseMarks, requireLease } from '../entity/index.ts';
import { releaseParked } from '../inbound/index.ts';
import { type Listing, listMemberships } from './listing.ts';
import {
  dueAbsentees,
  ensureLinkingEntities,
  markEnvironmentOf,
  noteCompared,
} from './snapshot-store.ts';

/**
 * Compares an organization as a whole: lists the other side completely, then marks everything on both sides to
 * be looked at, in one transaction. A listing that breaks marks nothing: what was not seen would look absent.
 * What was seen serves the first observation of each; what was not is asked for directly. Throws what calls
 * throw, and `LeaseLost`.
 */
export async function takeSnapshot(
  context: ConvergeContext,
  listing: Listing,
  wanted: number,
): Promise<void> {
  const { db, port, organizationId, workosId, lease } = context;
  const roles = await port.listRoles(workosId);
  const memberships = await listMemberships(context);
  const own = roles.filter(({ kind }) => kind === 'organization');
  const slugs = own.map(({ slug }) => slug);
  const environmentSlugs = roles
    .filter(({ kind }) => kind === 'environment')
    .map(({ slug }) => slug);
  const membershipIds = memberships.map(({ remoteId }) => remoteId);
  // Before the transaction: a reader of events takes these marks first and the one lock afterwards.
  await markEnvironmentOf(db, workosId, { environmentSlugs });
  const marked = await inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    const traces: MirrorTraces[] = [{ changed: { organization: true }, entries: [] }];
    for (const role of roles.filter(({ kind }) => kind === 'environment')) {
      traces.push(await mirrorEnvironmentRole(tx, lock, { role, cause: null }));
    }
    await ensureLinkingEntities(tx, organizationId);
    await dueAbsentees(tx, organizationId, { slugs, membershipIds });
    const markedRoles = await raiseMarks(tx, organizationId, 'organization_role', slugs);
    const markedMembers = await raiseMarks(tx, organizationId, 'membership', membershipIds);
    await releaseParked(tx, workosId);
    await noteCompared(tx, organizationId, wanted);
    await closeMirror(tx, lock, traces, null);
    return { roles: markedRoles, memberships: markedMembers };
  });
  for (const role of own) listing.roles.note(role.slug, role, first(marked.roles.get(role.slug)));
  for (const one of memberships) {
    listing.memberships.note(one.remoteId, one, first(marked.memberships.get(one.remoteId)));
  }
}

/** A thing that was marked before too may have changed after it was listed. */
function first(raised: number | undefined): number | undefined {
  return raised === 1 ? raised : undefined;
}

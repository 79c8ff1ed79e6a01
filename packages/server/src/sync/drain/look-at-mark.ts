import {
  backoffMs,
  type ConvergeContext,
  convergeEntity,
  findMembershipOf,
  findRoleOfSlug,
  getMembership,
  noSightings,
  type Sightings,
  stopsEverything,
  takeMembership,
  takeRole,
  unlessGone,
} from '../converge/index.ts';
import { type Listing } from './listing.ts';
import { ensureEntity, isPending, type Mark, postponeMark, settleMark } from '../entity/index.ts';

/**
 * Looks at a remote thing that was marked: through its entity when it is known here, else it is taken in. A
 * mark that was raised again meanwhile stays. Throws what stops everything.
 */
export async function lookAtMark(
  holding: ConvergeContext,
  listing: Listing,
  mark: Mark,
): Promise<void> {
  const context = { ...holding, seen: sightingsOf(listing, mark), cause: mark.eventId };
  const { db, organizationId } = context;
  try {
    const looked = mark.kind === 'membership' ? lookAtMembership : lookAtRole;
    await looked(context, mark.key);
    await settleMark(db, organizationId, mark);
  } catch (error) {
    if (stopsEverything(error)) throw error;
    const againInMs = backoffMs(mark.failures + 1, context.random);
    await postponeMark(db, organizationId, { mark, againInMs });
  }
}

function sightingsOf(listing: Listing, { kind, key, raised }: Mark): Sightings {
  const seen = noSightings();
  const role = kind === 'organization_role' ? listing.roles.take(key, raised) : undefined;
  const membership = kind === 'membership' ? listing.memberships.take(key, raised) : undefined;
  if (role) seen.roles.set(key, role);
  if (membership) seen.memberships.set(key, membership);
  return seen;
}

async function lookAtMembership(context: ConvergeContext, remoteId: string): Promise<void> {
  const { db, organizationId, seen } = context;
  const known = await findMembershipOf(db, organizationId, { remoteId, workosUserId: null });
  if (known !== undefined) return convergeKnown(context, 'membership_roles', known);
  const sighted = seen.memberships.get(remoteId);
  const remote = sighted ?? (await getMembership(context, remoteId));
  if (remote?.organizationId !== context.workosId) return;
  const ids = { remoteId, workosUserId: remote.userId };
  const ofPerson = await findMembershipOf(db, organizationId, ids);
  if (ofPerson === undefined) {
    seen.memberships.delete(remoteId);
    if (await takeMembership(context, remote)) return;
  }
  // The person has a membership here: one that is linked by this, or an older life that ends by it.
  const here = await findMembershipOf(db, organizationId, ids);
  if (here !== undefined) await convergeKnown(context, 'membership_roles', here);
  const after = await findMembershipOf(db, organizationId, ids);
  if (after === undefined) await takeMembership(context, remote);
}

async function lookAtRole(context: ConvergeContext, slug: string): Promise<void> {
  const known = await findRoleOfSlug(context.db, context.organizationId, slug);
  if (known !== undefined) return convergeKnown(context, 'organization_role', known);
  const sighted = context.seen.roles.get(slug);
  context.seen.roles.delete(slug);
  const { port, workosId } = context;
  const remote = sighted ?? (await unlessGone(() => port.getOrganizationRole(workosId, slug)));
  if (remote !== undefined && !(await takeRole(context, remote))) {
    throw new Error(`the name of the role \`${slug}\` is taken here`);
  }
}

async function convergeKnown(
  context: ConvergeContext,
  kind: 'organization_role' | 'membership_roles',
  subjectId: string,
): Promise<void> {
  const entity = await ensureEntity(context.db, context.organizationId, { kind, subjectId });
  // What is to be sent is compared with what is there now, not with what a listing has shown a while ago.
  const seen = isPending(entity) && !entity.linking ? noSightings() : context.seen;
  await convergeEntity({ ...context, seen }, entity.id);
}

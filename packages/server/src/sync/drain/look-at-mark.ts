import {
  type ConvergeContext,
  convergeEntity,
  findMembershipOf,
  findRoleOfSlug,
  getMembership,
  noSightings,
  Overtaken,
  planMarkFailure,
  stopsEverything,
  takeMembership,
  takeRole,
  unlessGone,
} from '../converge/index.ts';
import {
  ensureEntity,
  isPending,
  type Mark,
  type MarkFailure,
  postponeMark,
  settleMark,
} from '../entity/index.ts';

/** A role of WorkOS's whose name another role has here. */
class NameTaken extends Error {
  override readonly name = 'NameTaken';
}

const BLOCKED_MS = 3_600_000;

/**
 * Looks at a remote thing that was marked: through its entity when it is known here, else it is taken in. A
 * mark that was raised again meanwhile stays. Throws what stops everything.
 */
export async function lookAtMark(holding: ConvergeContext, mark: Mark): Promise<void> {
  const context = { ...holding, cause: mark.eventId };
  const { db, organizationId } = context;
  try {
    const looked = mark.kind === 'membership' ? lookAtMembership : lookAtRole;
    await looked(context, mark.key);
    await settleMark(db, organizationId, mark);
  } catch (error) {
    if (stopsEverything(error)) throw error;
    // More was heard of it meanwhile: it is marked anew, and due.
    if (error instanceof Overtaken) return;
    await postponeMark(db, organizationId, { mark, ...failureOf(context, mark, error) });
  }
}

function failureOf({ random }: ConvergeContext, { failures }: Mark, error: unknown): MarkFailure {
  if (error instanceof NameTaken) {
    return { state: 'blocked', reason: 'name_taken', againInMs: BLOCKED_MS };
  }
  return planMarkFailure(error, { failures: failures + 1, random });
}

async function lookAtMembership(context: ConvergeContext, remoteId: string): Promise<void> {
  const { db, organizationId, seen } = context;
  const known = await findMembershipOf(db, organizationId, { remoteId, workosUserId: null });
  if (known !== undefined) return convergeKnown(context, 'membership_roles', known);
  const sighted = seen.memberships.get(remoteId);
  const observed = sighted ?? (await getMembership(context, remoteId));
  if (observed?.remote.organizationId !== context.workosId) return;
  const ids = { remoteId, workosUserId: observed.remote.userId };
  const ofPerson = await findMembershipOf(db, organizationId, ids);
  if (ofPerson === undefined) {
    seen.memberships.delete(remoteId);
    if (await takeMembership(context, observed)) return;
  }
  // The person has a membership here: one that is linked by this, or an older life that ends by it.
  const here = await findMembershipOf(db, organizationId, ids);
  if (here !== undefined) await convergeKnown(context, 'membership_roles', here);
  const after = await findMembershipOf(db, organizationId, ids);
  if (after === undefined) await takeMembership(context, observed);
}

async function lookAtRole(context: ConvergeContext, slug: string): Promise<void> {
  const known = await findRoleOfSlug(context.db, context.organizationId, slug);
  if (known !== undefined) return convergeKnown(context, 'organization_role', known);
  const sighted = context.seen.roles.get(slug);
  context.seen.roles.delete(slug);
  const { port, workosId } = context;
  const remote = sighted ?? (await unlessGone(() => port.getOrganizationRole(workosId, slug)));
  if (remote !== undefined && (await takeRole(context, remote)) === 'name_taken') {
    throw new NameTaken(`the name of the role \`${slug}\` is taken here`);
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

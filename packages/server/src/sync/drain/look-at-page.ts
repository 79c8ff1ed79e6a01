import { type RemoteMembership } from '../../workos/index.ts';
import {
  type ConvergeContext,
  noSightings,
  type ObservedMembership,
  takeMemberships,
} from '../converge/index.ts';
import { findMarks, heardOf, type Mark, settleMark } from '../entity/index.ts';
import { type Listing } from './listing.ts';
import { lookAtMark } from './look-at-mark.ts';

/** A membership that a page has shown, and how often it was marked before the page was asked for. */
export interface Shown {
  readonly one: RemoteMembership;
  /** Nothing when it may have changed since it was listed. */
  readonly raised: number | undefined;
}

/** So many without a profile, and a list of all people costs fewer calls than asking for each. */
const MANY = 10;

/**
 * Looks at the marked memberships that a page has just shown. Who is new here is taken in with one transaction
 * for all of them; the others go through the routine one by one. INVARIANT (fresh sightings): a mark that was
 * raised since is left for later. Throws what stops everything.
 */
export async function lookAtPage(
  context: ConvergeContext,
  listing: Listing,
  shown: readonly Shown[],
): Promise<void> {
  const { db, organizationId } = context;
  const usable = shown.filter(({ raised }) => raised !== undefined);
  if (usable.length === 0) return;
  const remotes = await withProfiles(
    context,
    listing,
    usable.map(({ one }) => one),
  );
  const ids = remotes.map(({ remoteId }) => remoteId);
  const raised = new Map(usable.map((one) => [one.one.remoteId, one.raised]));
  const fresh = (await findMarks(db, organizationId, 'membership', ids)).filter(
    (mark) => mark.raised === raised.get(mark.key),
  );
  const observed = fresh.flatMap((mark) => observedOf(remotes, mark));
  const taken = await takeMemberships(context, observed);
  for (const mark of fresh) {
    if (taken.has(mark.key)) {
      await settleMark(db, organizationId, mark);
      continue;
    }
    // What was heard of while the others were looked at is newer than the page.
    const [now] = await findMarks(db, organizationId, 'membership', [mark.key]);
    if (now?.raised !== mark.raised) continue;
    const seen = noSightings();
    for (const one of observedOf(remotes, mark)) seen.memberships.set(mark.key, one);
    await lookAtMark({ ...context, seen }, mark);
  }
}

/** What the page has shown of a marked membership: nothing had been heard of it then but its mark. */
function observedOf(
  remotes: readonly RemoteMembership[],
  mark: Mark,
): readonly ObservedMembership[] {
  const remote = remotes.find(({ remoteId }) => remoteId === mark.key);
  return remote === undefined ? [] : [{ remote, heard: heardOf(mark) }];
}

async function withProfiles(
  context: ConvergeContext,
  listing: Listing,
  memberships: readonly RemoteMembership[],
): Promise<readonly RemoteMembership[]> {
  if (memberships.filter(({ user }) => user === null).length < MANY) return memberships;
  const people = await listing.people(context);
  return memberships.map((one) => ({ ...one, user: one.user ?? people.get(one.userId) ?? null }));
}

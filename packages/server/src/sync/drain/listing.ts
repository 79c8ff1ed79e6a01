import {
  type RemoteMembership,
  type RemotePage,
  type RemoteRole,
  type RemoteUser,
} from '../../workos/index.ts';
import { type ConvergeContext } from '../converge/index.ts';
import { listManyMarked } from '../entity/index.ts';

/**
 * What complete listings have shown of one kind. INVARIANT (fresh sightings): a sighting serves the mark that
 * was there before the listing began, and no other: one that was raised since tells of something newer.
 */
export class Listed<T> {
  readonly #sightings = new Map<string, { readonly one: T; readonly raised: number }>();

  get size(): number {
    return this.#sightings.size;
  }

  /** Notes what was seen, for the mark with this count; nothing is noted where there is none. */
  note(key: string, one: T, raised: number | undefined): void {
    if (raised !== undefined) this.#sightings.set(key, { one, raised });
  }

  /** What was seen, once, if the mark has not been raised since. */
  take(key: string, raised: number): T | undefined {
    const sighting = this.#sightings.get(key);
    this.#sightings.delete(key);
    return sighting?.raised === raised ? sighting.one : undefined;
  }
}

/** What is known from listings while a lease is held. */
export interface Listing {
  readonly roles: Listed<RemoteRole>;
  readonly memberships: Listed<RemoteMembership>;
}

/** Nothing was listed yet. */
export function emptyListing(): Listing {
  return { roles: new Listed(), memberships: new Listed() };
}

/** Lists all memberships at once when so many are marked that this costs fewer calls than asking for each. */
export async function listManyAtOnce(context: ConvergeContext, listing: Listing): Promise<void> {
  const { db, organizationId } = context;
  if (listing.memberships.size > 0) return;
  const marked = await listManyMarked(db, organizationId);
  if (marked.size === 0) return;
  for (const one of await listMemberships(context)) {
    listing.memberships.note(one.remoteId, one, marked.get(one.remoteId));
  }
}

/**
 * All memberships of the organization, in whatever status, each with its person's profile as far as the list of
 * persons has it. Throws as a whole when one page cannot be had.
 */
export async function listMemberships({
  port,
  workosId,
}: ConvergeContext): Promise<readonly RemoteMembership[]> {
  const memberships: RemoteMembership[] = [];
  for await (const one of port.allMemberships({ organizationId: workosId })) memberships.push(one);
  if (memberships.every(({ user }) => user !== null)) return memberships;
  const users = new Map<string, RemoteUser>();
  let after: string | null = null;
  do {
    const page: RemotePage<RemoteUser> = await port.listUsers(
      { organizationId: workosId },
      after === null ? {} : { after },
    );
    for (const user of page.items) users.set(user.remoteId, user);
    after = page.next;
  } while (after !== null);
  return memberships.map((one) => ({ ...one, user: one.user ?? users.get(one.userId) ?? null }));
}

import { type RemoteRole, type RemoteUser } from '../../workos/index.ts';
import { type ConvergeContext } from '../converge/index.ts';

/** A look at everything that is marked, page by page of a listing of everything. */
export interface Pass {
  /** How often each membership had been marked when the listing began. */
  readonly marked: ReadonlyMap<string, number>;
  /** Where the next page begins; null before the first one. */
  readonly after: string | null;
}

/**
 * What is known from listings while a lease is held. INVARIANT (fresh sightings): a sighting serves the mark that
 * was there before the listing began, and no other: one that was raised since tells of something newer.
 */
export class Listing {
  readonly #roles = new Map<string, { readonly role: RemoteRole; readonly raised: number }>();
  #people: ReadonlyMap<string, RemoteUser> | undefined;
  /** The pass that is under way. */
  pass: Pass | undefined;
  /** Whether one was made; what it did not show is asked for directly. */
  passed = false;

  /** Notes a role that was listed, for the mark with this count; nothing is noted where there is none. */
  note(slug: string, role: RemoteRole, raised: number | undefined): void {
    if (raised !== undefined) this.#roles.set(slug, { role, raised });
  }

  /** What was seen of a role, once, if the mark has not been raised since. */
  takeRole(slug: string, raised: number): RemoteRole | undefined {
    const sighting = this.#roles.get(slug);
    this.#roles.delete(slug);
    return sighting?.raised === raised ? sighting.role : undefined;
  }

  /** The organization's people by their remote id; listed once, for those whose membership shows no profile. */
  async people({ port, workosId }: ConvergeContext): Promise<ReadonlyMap<string, RemoteUser>> {
    if (this.#people) return this.#people;
    const people = new Map<string, RemoteUser>();
    let after: string | null = null;
    do {
      const from: { readonly after?: string } = after === null ? {} : { after };
      const page = await port.listUsers({ organizationId: workosId }, from);
      for (const user of page.items) people.set(user.remoteId, user);
      after = page.next;
    } while (after !== null);
    this.#people = people;
    return people;
  }
}

import { type Policy } from '@rolecall/policy';
import { type ChangeRow } from '../freshness/index.ts';
import { type LoadedPrincipal } from '../load-store.ts';
import { type PrincipalHandle } from '../principal-handle.ts';
import { readChange } from './change.ts';
import { OrganizationMemory } from './organization-memory.ts';
import { OrganizationState } from './organization-state.ts';

/** A load that is under way: what it brings is taken only by the memory it was begun for. */
export interface LoadTicket {
  readonly organizationId: string;
  readonly era: number;
  readonly watch: Watch;
}

/** The highest revision that was heard of while loads of an organization are under way. */
interface Watch {
  loads: number;
  heard: number;
}

export interface MemoryCounts {
  readonly organizations: number;
  readonly roles: number;
  readonly principals: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly evictions: number;
}

/** The part of all memory that one organization may hold while others want it. */
const FAIR_SHARE = 1 / 4;
/** The part of all memory that is free after something had to go. */
const SPARE = 1 / 32;

/**
 * The states of all organizations that are kept, bounded by bytes.
 *
 * When there are too many, an organization that holds more than a quarter of them gives first, the
 * largest before others; else the one that nobody asked about for longest does. Either gives the
 * principals that were not asked about for longest, and its roles with the last of them.
 */
export class Memory<Scope extends string> {
  readonly #policy: Policy<Scope>;
  readonly #maxBytes: number;
  readonly #fairShare: number;
  /** In the order in which they were asked about, by the tick: the one asked about least lately comes first. */
  readonly #organizations = new Map<string, OrganizationMemory<Scope>>();
  readonly #large = new Set<OrganizationMemory<Scope>>();
  readonly #watches = new Map<string, Watch>();
  #era = 0;
  /** Goes on with every poll, about once a second. */
  #tick = 0;
  #bytes = 0;
  #evictions = 0;

  constructor(policy: Policy<Scope>, maxBytes: number) {
    this.#policy = policy;
    this.#maxBytes = maxBytes;
    this.#fairShare = maxBytes * FAIR_SHARE;
  }

  /** The organization, if anything of it is kept. */
  find(organizationId: string): OrganizationMemory<Scope> | undefined {
    const kept = this.#organizations.get(organizationId);
    if (kept !== undefined && kept.askedAt !== this.#tick) {
      // Once a tick is often enough, and keeps changing the order out of the usual way.
      kept.askedAt = this.#tick;
      this.#organizations.delete(organizationId);
      this.#organizations.set(organizationId, kept);
    }
    return kept;
  }

  /** A principal's handle, when everything that it needs is kept. */
  pin(organizationId: string, principal: string): PrincipalHandle<Scope> | undefined {
    return this.find(organizationId)?.pin(principal);
  }

  /**
   * INVARIANT (no lost change): said before a load is sent. An organization is kept at the revision of a
   * load only if no later one was heard of meanwhile: from then on every change reaches it.
   */
  beginLoad(organizationId: string): LoadTicket {
    let watch = this.#watches.get(organizationId);
    if (watch === undefined) {
      watch = { loads: 0, heard: -1 };
      this.#watches.set(organizationId, watch);
    }
    watch.loads += 1;
    return { organizationId, era: this.#era, watch };
  }

  /** Said when a load is over, whatever became of it. */
  endLoad({ organizationId, watch }: LoadTicket): void {
    watch.loads -= 1;
    if (watch.loads === 0) this.#watches.delete(organizationId);
  }

  /** This process has committed a revision: what is kept, and what is being loaded, must reach it. */
  expect(organizationId: string, revision: number): void {
    this.#hear(organizationId, revision);
    this.#organizations.get(organizationId)?.expect(revision);
  }

  /** The organization that a load may add to, kept from now on if need be; undefined when it may not. */
  open(
    ticket: LoadTicket,
    { epoch, enforcement, revision }: LoadedPrincipal,
  ): OrganizationMemory<Scope> | undefined {
    if (ticket.era !== this.#era) return undefined;
    const { organizationId, watch } = ticket;
    const kept = this.find(organizationId);
    if (kept !== undefined) return kept;
    if (watch.heard > revision) return undefined;
    const state = { organizationId, epoch, revision, enforcement };
    return this.#keep(new OrganizationState(this.#policy, state));
  }

  /** The organization that a load may add to, if it is still the one that the load was begun for. */
  reopen({ organizationId, era }: LoadTicket): OrganizationMemory<Scope> | undefined {
    return era === this.#era ? this.find(organizationId) : undefined;
  }

  /** These changes were committed; by organization, in the order of their revisions. */
  apply(changes: readonly ChangeRow[]): void {
    this.#tick += 1;
    for (const { organizationId, revision, what } of changes) {
      this.#hear(organizationId, revision);
      const kept = this.#organizations.get(organizationId);
      if (kept?.learn(readChange(revision, what)) === 'gap') this.drop(organizationId);
    }
  }

  /**
   * This change was committed, and perhaps others before it. False when they have to be known first: a poll brings
   * them in their order.
   */
  announce({ organizationId, revision, what }: ChangeRow): boolean {
    this.#hear(organizationId, revision);
    const kept = this.#organizations.get(organizationId);
    if (kept === undefined) return true;
    if (revision > kept.state.revision + 1) return false;
    if (kept.learn(readChange(revision, what)) === 'gap') this.drop(organizationId);
    return true;
  }

  /** Nothing that is known counts any more, nor what is being loaded now. */
  reset(): void {
    this.#era += 1;
    for (const organizationId of [...this.#organizations.keys()]) this.drop(organizationId);
  }

  /** Forgets an organization. */
  drop(organizationId: string): void {
    const kept = this.#organizations.get(organizationId);
    if (kept === undefined) return;
    this.#organizations.delete(organizationId);
    kept.clear();
  }

  counts(): MemoryCounts {
    let roles = 0;
    let principals = 0;
    for (const kept of this.#organizations.values()) {
      roles += kept.roleCount;
      principals += kept.principalCount;
    }
    const organizations = this.#organizations.size;
    const sizes = { bytes: this.#bytes, maxBytes: this.#maxBytes };
    return { organizations, roles, principals, ...sizes, evictions: this.#evictions };
  }

  /** Lets go of what there is too much, and of a little more, so as not to begin again at once. */
  trim(): void {
    if (this.#bytes <= this.#maxBytes) return;
    const enough = this.#maxBytes * (1 - SPARE);
    while (this.#bytes > enough) {
      const kept = this.#nextToGive();
      if (kept === undefined) return;
      const tooMuch = this.#bytes - enough;
      const beyondShare = kept.bytes - this.#fairShare;
      const given = kept.give(beyondShare > 0 ? Math.min(tooMuch, beyondShare) : tooMuch);
      this.#evictions += given;
      if (given === 0) this.drop(kept.state.organizationId);
    }
  }

  #hear(organizationId: string, revision: number): void {
    const watch = this.#watches.get(organizationId);
    if (watch !== undefined) watch.heard = Math.max(watch.heard, revision);
  }

  /** An organization that holds more than its share gives first, then whoever was asked about least lately. */
  #nextToGive(): OrganizationMemory<Scope> | undefined {
    let largest: OrganizationMemory<Scope> | undefined;
    for (const organization of this.#large) {
      if (largest === undefined || organization.bytes > largest.bytes) largest = organization;
    }
    if (largest !== undefined) return largest;
    const [leastLately] = this.#organizations.values();
    return leastLately;
  }

  #keep(state: OrganizationState<Scope>): OrganizationMemory<Scope> {
    const memory = new OrganizationMemory(state, (organization, bytes) => {
      this.#bytes += bytes;
      if (organization.bytes > this.#fairShare) this.#large.add(organization);
      else this.#large.delete(organization);
    });
    memory.askedAt = this.#tick;
    this.#organizations.set(state.organizationId, memory);
    return memory;
  }
}

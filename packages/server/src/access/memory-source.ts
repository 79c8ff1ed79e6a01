import { type Policy } from '@rolecall/policy';
import { type Db } from '../database/index.ts';
import { type Clock } from './clock.ts';
import { pinLoaded } from './compile-loaded.ts';
import { type Consistency, hasReached, requiredRevision, requireReached } from './consistency.ts';
import { loadPrincipal, requireActor } from './load-principal.ts';
import { type LoadedPrincipal } from './load-store.ts';
import { MemoryLoader } from './memory-loader.ts';
import { type Memory } from './memory/index.ts';
import { type PrincipalHandle } from './principal-handle.ts';
import { type PrincipalSource } from './principal-source.ts';
import { type ReadLimit } from './read-limit.ts';
import { type Revision } from './revision.ts';
import { SingleFlight } from './single-flight.ts';

export interface MemorySourceSettings<Scope extends string> {
  readonly db: Db;
  readonly policy: Policy<Scope>;
  readonly memory: Memory<Scope>;
  /** Whether answers may come from memory now. */
  readonly isConfirmed: () => boolean;
  readonly limit: ReadLimit;
  readonly clock: Clock;
  readonly boundMs: number;
}

/** What became of calls, since the start. */
export interface SourceCounts {
  readonly hits: number;
  readonly loads: number;
  readonly readThroughs: number;
}

/** How often what was loaded may turn out to be of the past before the database answers by itself. */
const MOST_ATTEMPTS = 4;

/** Resolves principals from memory, and from the database while memory is not confirmed. */
export class MemorySource<Scope extends string> implements PrincipalSource<Scope> {
  readonly #settings: MemorySourceSettings<Scope>;
  readonly #loader: MemoryLoader<Scope>;
  readonly #reads: SingleFlight<LoadedPrincipal>;
  #wroteAt = -Infinity;
  #hits = 0;
  #readThroughs = 0;

  constructor(settings: MemorySourceSettings<Scope>) {
    const { db, memory, limit, clock, boundMs } = settings;
    const now = clock.monotonicMs;
    this.#settings = settings;
    this.#loader = new MemoryLoader({ db, memory, limit, now, shareMs: boundMs });
    this.#reads = new SingleFlight(now);
  }

  get counts(): SourceCounts {
    return { hits: this.#hits, loads: this.#loader.loads, readThroughs: this.#readThroughs };
  }

  /** This process has committed something: no read that began before may answer who asks from now on. */
  wrote(): void {
    this.#wroteAt = this.#settings.clock.monotonicMs();
  }

  find(organizationId: string, principal: string): PrincipalHandle<Scope> | undefined {
    const { memory, isConfirmed } = this.#settings;
    // INVARIANT (bound): memory answers only while it is confirmed.
    if (!isConfirmed()) return undefined;
    const handle = memory.pin(organizationId, principal);
    if (handle !== undefined) this.#hits += 1;
    return handle;
  }

  async resolve(
    organizationId: string,
    principal: string,
    consistency: Consistency | undefined,
  ): Promise<PrincipalHandle<Scope>> {
    requireActor(principal);
    const required = requiredRevision(organizationId, consistency);
    if (consistency?.mode !== 'strong') {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
        // INVARIANT (bound): tested again after every wait.
        if (!this.#settings.isConfirmed()) break;
        const handle = await this.#attempt(organizationId, principal, required);
        if (handle !== undefined) return handle;
      }
    }
    return this.#readThrough(organizationId, principal, consistency, required);
  }

  /** The handle out of memory, after at most one step towards it; undefined when there is more to do. */
  async #attempt(
    organizationId: string,
    principal: string,
    required: Revision | undefined,
  ): Promise<PrincipalHandle<Scope> | undefined> {
    const { memory } = this.#settings;
    await this.#step(organizationId, principal, required);
    const kept = memory.find(organizationId);
    if (kept === undefined || (required !== undefined && !hasReached(kept.state, required))) {
      return undefined;
    }
    const handle = kept.pin(principal);
    memory.trim();
    return handle;
  }

  async #step(
    organizationId: string,
    principal: string,
    required: Revision | undefined,
  ): Promise<void> {
    const { memory, clock } = this.#settings;
    const kept = memory.find(organizationId);
    if (kept === undefined) {
      await this.#loader.openWith(organizationId, principal);
    } else if (kept.isBehind || (required !== undefined && !hasReached(kept.state, required))) {
      await this.#loader.catchUp(kept, clock.monotonicMs());
      const caughtUp = memory.find(organizationId);
      if (caughtUp !== undefined) requireReached(caughtUp.state, required);
    } else {
      const missing = kept.missing(principal);
      if (missing === 'principal') await this.#loader.addPrincipal(organizationId, principal);
      else if (missing.length > 0) await this.#loader.addRoles(organizationId, missing);
    }
  }

  async #readThrough(
    organizationId: string,
    principal: string,
    consistency: Consistency | undefined,
    required: Revision | undefined,
  ): Promise<PrincipalHandle<Scope>> {
    const { db, policy, limit, clock, boundMs } = this.#settings;
    this.#readThroughs += 1;
    // Only who accepts what is a little old may share a read that began before they asked.
    const shareMs = consistency === undefined || consistency.mode === 'cached' ? boundMs : 0;
    const loaded = await this.#reads.run(
      `${organizationId} ${principal}`,
      Math.max(clock.monotonicMs() - shareMs, this.#wroteAt),
      () => limit.run(() => loadPrincipal(db, organizationId, principal)),
    );
    requireReached(loaded, required);
    return pinLoaded(policy, organizationId, loaded);
  }
}

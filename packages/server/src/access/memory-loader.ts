import { type Db } from '../database/index.ts';
import { organizationNotFound } from '../identity/index.ts';
import { loadPrincipal, readPrincipal } from './load-principal.ts';
import {
  type LoadedHolder,
  type LoadTicket,
  type Memory,
  type OrganizationMemory,
} from './memory/index.ts';
import { type ReadLimit } from './read-limit.ts';
import { SingleFlight } from './single-flight.ts';
import { loadMember, loadRoles, readChangesSince, roleIdOf } from './warm-store.ts';

export interface MemoryLoaderSettings<Scope extends string> {
  readonly db: Db;
  readonly memory: Memory<Scope>;
  readonly limit: ReadLimit;
  /** Milliseconds, by a monotonic clock. */
  readonly now: () => number;
  /** Who asks may share a load that began this much earlier. */
  readonly shareMs: number;
}

interface Loaded extends LoadedHolder {
  readonly revision: number;
}

/**
 * Brings into memory what is missing there. Each method makes one step and promises nothing: what was
 * loaded may be of the past by the time it arrives, and is left out then.
 */
export class MemoryLoader<Scope extends string> {
  readonly #settings: MemoryLoaderSettings<Scope>;
  readonly #flights: SingleFlight<undefined>;
  #loads = 0;

  constructor(settings: MemoryLoaderSettings<Scope>) {
    this.#settings = settings;
    this.#flights = new SingleFlight(settings.now);
  }

  /** Statements that were sent. */
  get loads(): number {
    return this.#loads;
  }

  /** Opens an organization with one principal and its roles, in one statement. */
  openWith(organizationId: string, principal: string): Promise<undefined> {
    return this.#share(`open ${organizationId} ${principal}`, organizationId, async (ticket) => {
      const { db, memory } = this.#settings;
      const loaded = await this.#read(() => loadPrincipal(db, organizationId, principal));
      memory.open(ticket, loaded);
      const target = await this.#align(ticket, loaded.revision);
      for (const block of loaded.roles) {
        target?.holdRole(roleIdOf(block.principal), block, loaded.revision);
      }
      const roleIds = loaded.roles.map((block) => roleIdOf(block.principal));
      const { membership, direct } = loaded;
      target?.holdPrincipal({ principal, membership, roleIds, direct }, loaded.revision);
    });
  }

  /** Adds a principal to an organization that is kept. */
  addPrincipal(organizationId: string, principal: string): Promise<undefined> {
    return this.#share(`add ${organizationId} ${principal}`, organizationId, async (ticket) => {
      const loaded = await this.#read(() => this.#loadHolder(organizationId, principal));
      const target = await this.#align(ticket, loaded.revision);
      target?.holdPrincipal(loaded, loaded.revision);
    });
  }

  /** Adds roles to an organization that is kept. */
  addRoles(organizationId: string, roleIds: readonly string[]): Promise<undefined> {
    const key = `roles ${organizationId} ${roleIds.join(' ')}`;
    return this.#share(key, organizationId, async (ticket) => {
      const { db } = this.#settings;
      const loaded = await this.#read(() => loadRoles(db, organizationId, roleIds));
      if (loaded === undefined) throw organizationNotFound(organizationId);
      const target = await this.#align(ticket, loaded.revision);
      for (const id of roleIds) {
        // A role that has been deleted for everybody is kept as one that grants nothing.
        const block = loaded.blocks.get(id) ?? { principal: `role:global:${id}`, lines: '' };
        target?.holdRole(id, block, loaded.revision);
      }
    });
  }

  /** Takes in what an organization has become, by a read that began no earlier than `notBefore`. */
  catchUp(target: OrganizationMemory<Scope>, notBefore: number): Promise<undefined> {
    const { organizationId, epoch, revision } = target.state;
    return this.#flights.run(`since ${organizationId}`, notBefore, async () => {
      const { db, memory } = this.#settings;
      const since = await this.#read(() => readChangesSince(db, organizationId, revision));
      if (memory.find(organizationId) !== target) return undefined;
      if (since?.epoch !== epoch) {
        memory.reset();
        return undefined;
      }
      memory.apply(since.changes);
      if (target.state.revision < since.revision) memory.drop(organizationId);
      return undefined;
    });
  }

  #share(
    key: string,
    organizationId: string,
    load: (ticket: LoadTicket) => Promise<void>,
  ): Promise<undefined> {
    const { memory, now, shareMs } = this.#settings;
    return this.#flights.run(key, now() - shareMs, async () => {
      const ticket = memory.beginLoad(organizationId);
      try {
        await load(ticket);
      } finally {
        memory.endLoad(ticket);
      }
      return undefined;
    });
  }

  #read<T>(read: () => Promise<T>): Promise<T> {
    this.#loads += 1;
    return this.#settings.limit.run(read);
  }

  /** The organization that the load of a ticket may add to, once it is not behind what was loaded. */
  async #align(
    ticket: LoadTicket,
    revision: number,
  ): Promise<OrganizationMemory<Scope> | undefined> {
    const { memory, now } = this.#settings;
    for (const notBefore of [-Infinity, now()]) {
      const target = memory.reopen(ticket);
      if (target === undefined || target.state.revision >= revision) return target;
      await this.catchUp(target, notBefore);
    }
    return memory.reopen(ticket);
  }

  async #loadHolder(organizationId: string, principal: string): Promise<Loaded> {
    const { db } = this.#settings;
    const parsed = readPrincipal(principal);
    const loaded =
      parsed.type === 'user'
        ? await loadMember(db, organizationId, parsed.id)
        : await loadPrincipal(db, organizationId, principal);
    if (loaded === undefined) throw organizationNotFound(organizationId);
    return { principal, roleIds: [], ...loaded };
  }
}

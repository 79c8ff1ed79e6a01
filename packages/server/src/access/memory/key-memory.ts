import { LRUCache } from 'lru-cache';

/** What counts of an API key. */
export interface KeptKey {
  readonly id: string;
  /** The one organization it reaches; null for all of them. */
  readonly organizationId: string | null;
  readonly scope: 'manage' | 'check';
}

/** A key that is being read: it is kept only if nothing was let go of since. */
export type KeyTicket = number;

const MOST_KEYS = 10_000;

/**
 * API keys that were used lately, by the hash of their secret. Only keys that work are kept: a secret that
 * is unknown today may be a key tomorrow.
 *
 * INVARIANT (no lost change): a key is kept only if no change of any key was heard of since before it was
 * read; from then on every change reaches it.
 */
export class KeyMemory {
  readonly #keys = new LRUCache<string, KeptKey>({ max: MOST_KEYS });
  readonly #isConfirmed: () => boolean;
  #changes = 0;

  /** `isConfirmed` says whether answers may come from memory now. */
  constructor(isConfirmed: () => boolean) {
    this.#isConfirmed = isConfirmed;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** The key with this hash, if it is kept and memory may answer. */
  find(hash: string): KeptKey | undefined {
    // INVARIANT (bound): memory answers only while it is confirmed.
    return this.#isConfirmed() ? this.#keys.get(hash) : undefined;
  }

  /** Said before a key is read. */
  beginLoad(): KeyTicket {
    return this.#changes;
  }

  /** Keeps a key that was read, unless a change was heard of meanwhile. */
  hold(ticket: KeyTicket, hash: string, { id, organizationId, scope }: KeptKey): void {
    if (ticket === this.#changes) this.#keys.set(hash, { id, organizationId, scope });
  }

  /** Lets go of keys that have changed. */
  forget(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#changes += 1;
    const changed = new Set(ids);
    for (const [hash, key] of [...this.#keys.entries()]) {
      if (changed.has(key.id)) this.#keys.delete(hash);
    }
  }

  /** Lets go of everything. */
  reset(): void {
    this.#changes += 1;
    this.#keys.clear();
  }
}

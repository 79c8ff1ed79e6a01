import { type AccessSettings } from './access-options.ts';
import { Freshness } from './freshness/index.ts';
import { KeyMemory, Memory } from './memory/index.ts';
import { MemorySource } from './memory-source.ts';
import { ReadLimit } from './read-limit.ts';
import { type Written } from './revision.ts';
import { type AccessReport } from './report.ts';

/** How long a read waits for its turn before the caller is told to come again. */
const PATIENCE_MS = 5_000;

/** A node that keeps states: the memory, what keeps it fresh, and the source that reads from it. */
export class WarmNode<Scope extends string> {
  readonly source: MemorySource<Scope>;
  readonly keys: KeyMemory;
  readonly #memory: Memory<Scope>;
  readonly #freshness: Freshness;

  constructor(settings: AccessSettings<Scope>) {
    const { database, policy, clock, boundMs, pollIntervalMs } = settings;
    this.#memory = new Memory(policy, settings.maxBytes);
    this.keys = new KeyMemory(() => this.#freshness.isConfirmed());
    this.#freshness = new Freshness(
      { database, clock, boundMs, pollIntervalMs },
      {
        apply: (changes) => {
          this.#memory.apply(changes);
        },
        announce: (change) => this.#memory.announce(change),
        forgetKeys: (ids) => {
          this.keys.forget(ids);
        },
        reset: () => {
          this.#forget();
        },
      },
    );
    this.source = new MemorySource({
      db: database.db,
      policy,
      memory: this.#memory,
      isConfirmed: () => this.#freshness.isConfirmed(),
      limit: new ReadLimit(settings.maxConcurrentReads, PATIENCE_MS),
      clock,
      boundMs,
    });
  }

  start(): Promise<void> {
    return this.#freshness.start();
  }

  async close(): Promise<void> {
    await this.#freshness.close();
    this.#forget();
  }

  wrote({ organizationId, revision }: Written): void {
    this.#memory.expect(organizationId, revision);
    this.source.wrote();
  }

  report(): AccessReport {
    const freshness = this.#freshness.report();
    const apiKeys = this.keys.size;
    const memory = { ...this.#memory.counts(), ...this.source.counts, apiKeys };
    return { mode: 'memory', freshness, memory };
  }

  #forget(): void {
    this.keys.reset();
    this.#memory.reset();
  }
}

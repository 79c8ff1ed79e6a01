import { type Db } from '../../database/index.ts';
import { type Clock } from '../clock.ts';
import { deleteApiKeyChanges, deleteChanges, oldestInProgress } from './changes-store.ts';

/** How long rows of `changes` are kept at least, after the transaction that wrote them was over. */
export const KEPT_MS = 10 * 60_000;
/**
 * A node that has not polled for this long forgets everything: so it never needs what was deleted, and
 * never has more to catch up with than it is worth.
 */
export const FORGOTTEN_AFTER_MS = KEPT_MS / 10;

const SWEEP_EVERY_MS = 60_000;
const BATCH = 5_000;

/**
 * Deletes rows of `changes` that nobody can need any more.
 *
 * Their age is told by this node's own polls, not by `created_at`: that is when a transaction began, and
 * one that ran for long would have its row deleted before anybody saw it.
 */
export class Retention {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #seen: { readonly atMs: number; readonly oldest: bigint }[] = [];

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Takes note of a poll's snapshot, and deletes once a minute what has become old. */
  async sweep(snapshot: string): Promise<void> {
    const atMs = this.#clock.monotonicMs();
    const last = this.#seen.at(-1);
    if (last !== undefined && atMs - last.atMs < SWEEP_EVERY_MS) return;
    this.#seen.push({ atMs, oldest: oldestInProgress(snapshot) });
    let old: bigint | undefined;
    for (let first = this.#seen[0]; first !== undefined; first = this.#seen[0]) {
      if (atMs - first.atMs < KEPT_MS) break;
      old = first.oldest;
      this.#seen.shift();
    }
    if (old === undefined) return;
    await deleteApiKeyChanges(this.#db, old);
    while ((await deleteChanges(this.#db, old, BATCH)) === BATCH);
  }
}

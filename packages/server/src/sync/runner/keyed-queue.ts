export interface KeyedQueueOptions {
  readonly concurrency: number;
  /** Does the work of one key; resolves with the time after which it is to be done again, if it is. */
  readonly work: (key: string) => Promise<number | undefined>;
}

/**
 * Work by key: each key at most once at a time, all keys in parallel up to a limit. A key that is kicked while
 * its work is being done is done once more, so no kick is lost and a hundred of them cost one.
 *
 *   idle      nothing is known of the key
 *   waiting   for its turn, or for a delay
 *   running   its work is being done
 *   again     as running, and kicked since
 */
export class KeyedQueue {
  readonly #options: KeyedQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, { again: boolean }>();
  readonly #delays = new Map<string, NodeJS.Timeout>();
  readonly #ended: (() => void)[] = [];
  #closed = false;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
  }

  /** The work of a key is to be done, now. */
  kick(key: string): void {
    if (this.#closed) return;
    this.#undelay(key);
    const running = this.#running.get(key);
    if (running) running.again = true;
    else this.#waiting.add(key);
    this.#pump();
  }

  /** Starts nothing more; resolves when nothing runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const key of [...this.#delays.keys()]) this.#undelay(key);
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => this.#ended.push(resolve));
    }
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const state = { again: false };
    this.#running.set(key, state);
    const delayMs = await this.#options.work(key);
    this.#running.delete(key);
    if (state.again) this.kick(key);
    else if (delayMs !== undefined && !this.#closed) {
      this.#delays.set(
        key,
        setTimeout(() => {
          this.kick(key);
        }, delayMs),
      );
    }
    this.#pump();
    for (const resolve of this.#ended.splice(0)) resolve();
  }

  #undelay(key: string): void {
    clearTimeout(this.#delays.get(key));
    this.#delays.delete(key);
  }
}

import { outage } from '../errors/index.ts';

/** Reads at the same time, at most so many; the others wait their turn, for a while. */
export class ReadLimit {
  readonly #waiting: (() => void)[] = [];
  readonly #patienceMs: number;
  #free: number;

  constructor(limit: number, patienceMs: number) {
    this.#free = limit;
    this.#patienceMs = patienceMs;
  }

  /** Runs a read when it is its turn. Throws `database_unavailable` when that takes too long. */
  async run<T>(read: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn();
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(outage('database_unavailable', 'too many reads wait for the database', 1));
      }, this.#patienceMs);
      this.#waiting.push(begin);
    });
  }
}

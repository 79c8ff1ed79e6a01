/** Work that is under way, by what it is for, so that many who want the same wait for one. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, { readonly begunAt: number; readonly result: Promise<T> }>();
  readonly #now: () => number;

  /** `now` in milliseconds, by a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The result of work for this key that began no earlier than `notBefore`: of what is under way, or new. */
  run(key: string, notBefore: number, work: () => Promise<T>): Promise<T> {
    const flight = this.#flights.get(key);
    if (flight !== undefined && flight.begunAt >= notBefore) return flight.result;
    const begun = { begunAt: this.#now(), result: work() };
    this.#flights.set(key, begun);
    const land = (): void => {
      if (this.#flights.get(key) === begun) this.#flights.delete(key);
    };
    begun.result.then(land, land);
    return begun.result;
  }
}

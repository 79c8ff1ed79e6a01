/**
 * A set of identifiers kept in order. Identifiers are made in ascending order, so adding is nearly
 * always an append; finding a place is a binary search.
 */
export class OrderedIds {
  readonly #ids: string[] = [];

  get size(): number {
    return this.#ids.length;
  }

  has(id: string): boolean {
    return this.#ids[this.#placeOf(id)] === id;
  }

  add(id: string): void {
    const last = this.#ids.at(-1);
    if (last === undefined || id > last) {
      this.#ids.push(id);
      return;
    }
    const place = this.#placeOf(id);
    if (this.#ids[place] !== id) this.#ids.splice(place, 0, id);
  }

  delete(id: string): void {
    const place = this.#placeOf(id);
    if (this.#ids[place] !== id) return;
    if (place === this.#ids.length - 1) this.#ids.pop();
    else this.#ids.splice(place, 1);
  }

  toArray(): readonly string[] {
    return [...this.#ids];
  }

  /** Up to `count` identifiers greater than `bound` (from the start when null), ascending. */
  above(bound: string | null, count: number): readonly string[] {
    let from = bound === null ? 0 : this.#placeOf(bound);
    if (bound !== null && this.#ids[from] === bound) from += 1;
    return this.#ids.slice(from, from + count);
  }

  /** Up to `count` identifiers less than `bound` (from the end when null), descending. */
  below(bound: string | null, count: number): readonly string[] {
    const to = bound === null ? this.#ids.length : this.#placeOf(bound);
    return this.#ids.slice(Math.max(0, to - count), to).reverse();
  }

  /** The first place whose identifier is not less than `id`. */
  #placeOf(id: string): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#ids[middle];
      if (candidate !== undefined && candidate < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

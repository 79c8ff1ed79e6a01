import { OrderedIds } from './ordered-ids.ts';

const NOTHING = new OrderedIds();

/** Under which keys a record is found in an index; none when it is not in it. */
export type KeysOf<R> = (record: R) => readonly string[];

/** Records by id, in order of creation, with indexes that follow every change. */
export class Table<R extends { readonly id: string }, I extends string> {
  readonly #records = new Map<string, R>();
  readonly #all = new OrderedIds();
  readonly #indexes = new Map<I, Index<R>>();

  constructor(indexes: Readonly<Record<I, KeysOf<R>>>) {
    for (const [name, keysOf] of Object.entries<KeysOf<R>>(indexes)) {
      this.#indexes.set(name as I, new Index(keysOf));
    }
  }

  get size(): number {
    return this.#records.size;
  }

  get all(): OrderedIds {
    return this.#all;
  }

  find(id: string): R | undefined {
    return this.#records.get(id);
  }

  /** The ids under `key`: read only, and alive only until the next change. */
  ids(index: I, key: string): OrderedIds {
    return this.#indexes.get(index)?.ids(key) ?? NOTHING;
  }

  /** The oldest record under `key`. */
  first(index: I, key: string): R | undefined {
    const [id] = this.ids(index, key).above(null, 1);
    return id === undefined ? undefined : this.#records.get(id);
  }

  /** The records under `key`, oldest first. */
  list(index: I, key: string): readonly R[] {
    return this.#read(this.ids(index, key).toArray());
  }

  toArray(): readonly R[] {
    return this.#read(this.#all.toArray());
  }

  put(record: R): void {
    const before = this.#records.get(record.id);
    if (!before) this.#all.add(record.id);
    this.#records.set(record.id, record);
    for (const index of this.#indexes.values()) {
      if (before) index.remove(before);
      index.add(record);
    }
  }

  delete(id: string): void {
    const record = this.#records.get(id);
    if (!record) return;
    for (const index of this.#indexes.values()) index.remove(record);
    this.#records.delete(id);
    this.#all.delete(id);
  }

  #read(ids: readonly string[]): readonly R[] {
    return ids.flatMap((id) => this.#records.get(id) ?? []);
  }
}

/** Ids by key. Most keys have one id, which is kept as it is: a set for each would fill the memory. */
class Index<R extends { readonly id: string }> {
  readonly #keysOf: KeysOf<R>;
  readonly #entries = new Map<string, string | OrderedIds>();

  constructor(keysOf: KeysOf<R>) {
    this.#keysOf = keysOf;
  }

  ids(key: string): OrderedIds {
    const entry = this.#entries.get(key);
    if (typeof entry !== 'string') return entry ?? NOTHING;
    const single = new OrderedIds();
    single.add(entry);
    return single;
  }

  add(record: R): void {
    for (const key of this.#keysOf(record)) {
      const entry = this.#entries.get(key);
      if (entry === undefined) this.#entries.set(key, record.id);
      else if (entry !== record.id) this.#setOf(key, entry).add(record.id);
    }
  }

  remove(record: R): void {
    for (const key of this.#keysOf(record)) {
      const entry = this.#entries.get(key);
      if (entry === record.id) this.#entries.delete(key);
      if (typeof entry !== 'object') continue;
      entry.delete(record.id);
      if (entry.size === 0) this.#entries.delete(key);
    }
  }

  #setOf(key: string, entry: string | OrderedIds): OrderedIds {
    if (typeof entry === 'object') return entry;
    const ids = new OrderedIds();
    ids.add(entry);
    this.#entries.set(key, ids);
    return ids;
  }
}

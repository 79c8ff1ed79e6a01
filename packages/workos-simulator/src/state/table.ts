import { OrderedIds } from './ordered-ids.ts';

const NOTHING = new OrderedIds();

/** Under which keys a record is found in an index; none when it is not in it. */
export type KeysOf<R> = (record: R) => readonly string[];

/** Records by id, in order of creation, with indexes that follow every change. */
export class Table<R extends { readonly id: string }, I extends string> {
  readonly #records = new Map<string, R>();
  readonly #all = new OrderedIds();
  readonly #keysOf: Readonly<Record<I, KeysOf<R>>>;
  readonly #indexes = new Map<string, OrderedIds>();

  constructor(indexes: Readonly<Record<I, KeysOf<R>>>) {
    this.#keysOf = indexes;
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
    return this.#indexes.get(`${index} ${key}`) ?? NOTHING;
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
    if (before) this.#unindex(before);
    else this.#all.add(record.id);
    this.#records.set(record.id, record);
    for (const index of this.#indexNames()) {
      for (const key of this.#keysOf[index](record)) this.#indexed(index, key).add(record.id);
    }
  }

  delete(id: string): void {
    const record = this.#records.get(id);
    if (!record) return;
    this.#unindex(record);
    this.#records.delete(id);
    this.#all.delete(id);
  }

  #read(ids: readonly string[]): readonly R[] {
    return ids.flatMap((id) => this.#records.get(id) ?? []);
  }

  #unindex(record: R): void {
    for (const index of this.#indexNames()) {
      for (const key of this.#keysOf[index](record)) {
        const ids = this.#indexed(index, key);
        ids.delete(record.id);
        if (ids.size === 0) this.#indexes.delete(`${index} ${key}`);
      }
    }
  }

  #indexed(index: I, key: string): OrderedIds {
    const name = `${index} ${key}`;
    const found = this.#indexes.get(name);
    if (found) return found;
    const made = new OrderedIds();
    this.#indexes.set(name, made);
    return made;
  }

  #indexNames(): readonly I[] {
    return Object.keys(this.#keysOf) as I[];
  }
}

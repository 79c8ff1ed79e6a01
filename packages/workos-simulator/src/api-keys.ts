import { drawToken } from './identifiers.ts';

/** The keys of an environment. */
export class ApiKeys {
  readonly #seed: string;
  #current: string;
  readonly #valid = new Set<string>();
  #made = 0;

  constructor(seed: string, first: string) {
    this.#seed = seed;
    this.#current = first;
    this.#valid.add(first);
  }

  /** The latest key. */
  get current(): string {
    return this.#current;
  }

  isValid(key: string): boolean {
    return this.#valid.has(key);
  }

  /** Makes every key useless. */
  revoke(): void {
    this.#valid.clear();
  }

  /** Makes the latest key valid again. */
  restore(): void {
    this.#valid.add(this.#current);
  }

  /** Adds a new key and returns it; the old ones stay valid until revoked. */
  add(): string {
    this.#made += 1;
    this.#current = `sk_test_${drawToken(32, this.#seed, 'api key', this.#made)}`;
    this.#valid.add(this.#current);
    return this.#current;
  }

  /** The key of an Authorization header, when it is one. */
  static fromHeader(header: string | null): string | null {
    return header?.startsWith('Bearer ') ? header.slice('Bearer '.length) : null;
  }
}

import { hashOfSecret, secretIn } from '../authentication.ts';

interface Remembered {
  readonly authorization: string;
  readonly hash: string;
}

/**
 * The hash of the secret that each connection sent last: programs send the same one with every request, and
 * hashing it again costs more than looking up what it may do.
 *
 * Only the hash is remembered, never what it may do: whether the key still works is asked of memory each time.
 * The secret is let go of with its connection, which holds the bytes of its last request anyway.
 */
export class ConnectionKeys {
  readonly #last = new WeakMap<object, Remembered>();

  /** The hash of the secret in a header `Authorization`, if it has one. */
  hashOf(connection: object, authorization: string): string | undefined {
    const last = this.#last.get(connection);
    if (last?.authorization === authorization) return last.hash;
    const secret = secretIn(authorization);
    if (secret === undefined) return undefined;
    const hash = hashOfSecret(secret);
    this.#last.set(connection, { authorization, hash });
    return hash;
  }
}

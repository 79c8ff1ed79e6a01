import { type Reader } from '../database/index.ts';

/** By which keys a statement looks for the grants of roles: by their ids alone, or by their slugs too. */
export type RoleKeys = 'id' | 'both';

/** What a statement found, and whether its own snapshot wants both keys read. */
export interface KeyedRead {
  readonly dual: boolean;
}

/** The databases that were `dual` when they were last read: a guess at which statement to send first. */
const lastSeenDual = new WeakSet<Reader>();

/**
 * Reads grants of roles by the keys that the environment's state asks for.
 *
 * INVARIANT (both keys): what was found by ids alone counts only if the same snapshot says that the environment
 * is not `dual`; what was found by both keys is right in every state, since grants keyed by slugs are there in
 * `dual` only. So no node needs to be told of a change of state, and one round trip is enough but for the first
 * read after it.
 */
export async function readByKeys<Found extends KeyedRead>(
  reader: Reader,
  read: (keys: RoleKeys) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const keys = lastSeenDual.has(reader) ? 'both' : 'id';
  const found = await read(keys);
  if (found === undefined) return undefined;
  if (!found.dual) lastSeenDual.delete(reader);
  else if (keys === 'id') {
    lastSeenDual.add(reader);
    return read('both');
  }
  return found;
}

/**
 * Deterministic chance. Most decisions are drawn by hashing what they are about (the seed, the rule,
 * the path, the how-manyeth call) instead of from one sequence: concurrent requests may then arrive in
 * any order and every one of them still meets the same fate.
 */

/** Mixes `parts` into 32 well-spread bits. */
export function hash32(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = String(part);
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    // A separator outside of UTF-16, so that ('ab', 'c') and ('a', 'bc') differ.
    hash = Math.imul(hash ^ 0x1ffff, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on `parts` alone. */
export function draw(...parts: readonly (string | number)[]): number {
  return hash32(...parts) / 0x1_0000_0000;
}

/** A whole number in [`low`, `high`] that depends on `parts` alone. */
export function drawBetween(
  range: readonly [low: number, high: number],
  ...parts: readonly (string | number)[]
): number {
  const [low, high] = range;
  return low + Math.floor(draw(...parts) * (high - low + 1));
}

/** A sequence of draws, for what happens strictly one after another. */
export interface Random {
  readonly next: () => number;
  readonly below: (limit: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** Makes the sequence that `seed` names. */
export function createRandom(seed: string | number): Random {
  let counter = 0;
  const next = (): number => {
    counter += 1;
    return draw(seed, counter);
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
  };
}

/** Numbers that a seed decides. */
export interface Random {
  /** From 0 to 1, 1 excluded. */
  readonly next: () => number;
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
}

/** The sequence of a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bf03635) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    chance: (probability) => next() < probability,
  };
}

/** The item that a number from 0 to 1 points at; nothing in an empty list. */
export function pick<T>(items: readonly T[], at: number): T | undefined {
  return items[Math.min(items.length - 1, Math.floor(at * items.length))];
}

/** Some of the items, at least one where there is any: each is in it or not, as the bits of a number say. */
export function pickSome<T>(items: readonly T[], at: number): readonly T[] {
  const bits = Math.floor(at * 0x1000_0000);
  const some = items.filter((_, index) => ((bits >>> (index % 28)) & 1) === 1);
  const one = pick(items, at);
  return some.length > 0 || one === undefined ? some : [one];
}

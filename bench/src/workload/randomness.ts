/** The same numbers in every run, from 0 up to but without 1. */
export type Random = () => number;

/** Makes a source of numbers (mulberry32) from a seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An id as hosts have them: a prefix and 16 hexadecimal digits. */
export function randomId(random: Random, prefix: string): string {
  const half = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return `${prefix}_${half()}${half()}`;
}

/** The same text as another value: texts of a request are never those that are kept. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** A number of questions that is a power of two, each about one of the ids, as copies of them. */
export function askAtRandom(random: Random, ids: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => copyOf(ids[Math.floor(random() * ids.length)] ?? ''));
}

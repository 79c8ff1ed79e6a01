/** Estimates of what values take in memory, in bytes, on a 64-bit engine. */

const WORD = 8;

/** A map, without its keys and values: tables of entries grow by doubling. */
export function mapBytes(entries: number): number {
  let capacity = 4;
  while (capacity < entries) capacity *= 2;
  return WORD * (9 + 3.5 * capacity);
}

/** A text of one-byte characters. */
export function textBytes(text: string): number {
  return WORD * (3 + Math.ceil(text.length / WORD));
}

/** An object or an array with so many fields or elements. */
export function recordBytes(fields: number): number {
  return WORD * (3 + fields);
}

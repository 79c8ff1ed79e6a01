/** So many rows fit one statement well within the time and memory that a statement may take. */
export const BATCH = 10_000;

/** Items in batches, in order; an empty list has none. */
export function* batchesOf<Item>(
  items: readonly Item[],
  size: number = BATCH,
): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

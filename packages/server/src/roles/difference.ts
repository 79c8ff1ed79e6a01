import { isDeepStrictEqual } from 'node:util';
import { type JsonValue } from '../database/index.ts';

type Shape = Readonly<Record<string, JsonValue>>;

/** The keys whose values differ, as they were and as they are: what an update leaves in the history. */
export function differenceBetween(
  before: Shape,
  after: Shape,
): { readonly before: Shape; readonly after: Shape } {
  const keys = Object.keys(after).filter((key) => !isDeepStrictEqual(before[key], after[key]));
  const pick = (shape: Shape): Shape =>
    Object.fromEntries(keys.map((key) => [key, shape[key] ?? null]));
  return { before: pick(before), after: pick(after) };
}

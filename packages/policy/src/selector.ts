import { ANY } from './scope.ts';

/** Where a grant holds. `resource_id` may be `*`; a dimension that is left out says nothing. */
export interface Selector {
  readonly resource_kind: string;
  readonly resource_id: string;
  readonly [dimension: string]: string;
}

/** The dimensions that a check names. */
export type Dimensions = Readonly<Record<string, string>>;

/** One dimension of a selector and the value it is narrowed to. */
export interface Pin {
  readonly dimension: string;
  readonly value: string;
}

/** The dimensions that narrow a selector. One given as `*` does not: it says nothing. */
export function pinsOf(selector: Selector): readonly Pin[] {
  return Object.entries(selector)
    .filter(([key, value]) => !isResourceKey(key) && value !== ANY)
    .map(([dimension, value]) => ({ dimension, value }));
}

/** The selector that `pinsOf` takes apart. Safe for keys such as `__proto__`. */
export function selectorOf(kind: string, id: string, pins: readonly Pin[]): Selector {
  const dimensions = pins.map(({ dimension, value }): [string, string] => [dimension, value]);
  return Object.fromEntries<string>([
    ['resource_kind', kind],
    ['resource_id', id],
    ...dimensions,
  ]) as Selector;
}

export function isResourceKey(key: string): boolean {
  return key === 'resource_kind' || key === 'resource_id';
}

/**
 * How the dimensions of a grant compare with those of a check:
 * `differs` when one has another value, else `open` when the check lacks one, else `agrees`.
 *
 * An allow matches unless they differ, a deny only when they agree. Allocates nothing.
 */
export function comparePins(
  pins: readonly Pin[],
  dimensions: Dimensions | undefined,
): 'differs' | 'open' | 'agrees' {
  let result: 'open' | 'agrees' = 'agrees';
  for (const pin of pins) {
    const asked = askedValue(dimensions, pin.dimension);
    if (asked === undefined) result = 'open';
    else if (asked !== pin.value) return 'differs';
  }
  return result;
}

/** The value a check gives a dimension; inherited properties are not values. */
export function askedValue(dimensions: Dimensions | undefined, name: string): string | undefined {
  return dimensions !== undefined && Object.hasOwn(dimensions, name) ? dimensions[name] : undefined;
}

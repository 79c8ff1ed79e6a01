import { policyError, quote, type PolicyError, type SelectorProblem } from './error.ts';
import { ANY, findDimension, isValueOf, type ScopeDefinition } from './scope.ts';

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

/** The dimensions that narrow a selector, by name. One given as `*` does not: it says nothing. */
export function pinsOf(selector: Selector): readonly Pin[] {
  const names = Object.keys(selector);
  if (names.length === 2) return NO_PINS;
  return names
    .filter((name) => !isResourceKey(name) && selector[name] !== ANY)
    .sort()
    .map((dimension) => ({ dimension, value: selector[dimension] ?? '' }));
}

const NO_PINS: readonly Pin[] = Object.freeze([]);

/** The selector with these pins: what `pinsOf` takes apart. */
export function selectorOf(kind: string, id: string, pins: readonly Pin[]): Selector {
  // Not by assignment: a dimension may be named `__proto__`.
  const dimensions = Object.fromEntries(pins.map(({ dimension, value }) => [dimension, value]));
  return { resource_kind: kind, resource_id: id, ...dimensions };
}

/** `open`: neither the one nor the other, because the check does not say. */
export type Comparison = 'differs' | 'open' | 'agrees';

/**
 * How the dimensions of a grant compare with those of a check: `differs` when one has another value,
 * else `open` when the check lacks one, else `agrees`. Allocates nothing.
 */
export function comparePins(pins: readonly Pin[], dimensions: Dimensions | undefined): Comparison {
  let open = false;
  for (const pin of pins) {
    const asked = askedValue(dimensions, pin.dimension);
    if (asked === undefined) open = true;
    else if (asked !== pin.value) return 'differs';
  }
  return open ? 'open' : 'agrees';
}

/** The value that a check gives a dimension. */
export function askedValue(dimensions: Dimensions | undefined, name: string): string | undefined {
  // What every object inherits (`constructor`, `__proto__`) is not text, so it is not a value.
  const value: unknown = dimensions?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** What is wrong with a selector of a grant of this scope, if anything. Reads any input. */
export function selectorError(
  definition: ScopeDefinition,
  input: unknown,
  path: string,
  organizationId?: string,
): PolicyError | undefined {
  const code = 'invalid_selector';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return policyError(code, 'not_an_object', `${quote(input)} is not a selector`, path);
  }
  const selector = input as Readonly<Record<string, unknown>>;
  for (const key of ['resource_kind', 'resource_id']) {
    if (!Object.hasOwn(selector, key)) {
      return policyError(code, 'absent', `a selector needs ${quote(key)}`, `${path}.${key}`);
    }
  }
  for (const key of Object.keys(selector)) {
    const value = selector[key];
    const problem = keyProblem(definition, key, value, organizationId);
    if (problem !== undefined) {
      const message = `${quote(key)} of ${quote(definition.scope)} cannot be ${quote(value)}`;
      return policyError(code, problem, message, `${path}.${key}`, value);
    }
  }
  return undefined;
}

function keyProblem(
  definition: ScopeDefinition,
  key: string,
  value: unknown,
  organizationId: string | undefined,
): SelectorProblem | undefined {
  if (typeof value !== 'string' || value === '') return 'not_text';
  if (key === 'resource_kind') return value === definition.kind ? undefined : 'wrong_kind';
  if (key === 'resource_id') {
    const elsewhere = definition.single && organizationId !== undefined && value !== organizationId;
    return elsewhere && value !== ANY ? 'not_the_organization' : undefined;
  }
  const dimension = findDimension(definition, key);
  if (dimension === undefined) return 'unknown_dimension';
  return value === ANY || isValueOf(dimension, value) ? undefined : 'unknown_value';
}

function isResourceKey(key: string): boolean {
  return key === 'resource_kind' || key === 'resource_id';
}

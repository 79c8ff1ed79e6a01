import { PolicyError, quote, printed, type CheckProblem } from './error.ts';
import { ANY, ROOT, type DimensionDefinition, type Policy, type ScopeDefinition } from './scope.ts';
import { type Dimensions } from './selector.ts';

/** The question: may this be done to this one resource? */
export interface Check<Scope extends string = string> {
  readonly scope: Scope;
  readonly resource_id: string;
  readonly dimensions?: Dimensions;
}

/**
 * Refuses a check that is not a question: an unknown or internal scope, a resource that is not
 * concrete, a dimension or value that is not declared, a required dimension that is absent. An
 * invalid check is the caller's mistake, never a denial. Throws `invalid_check`.
 *
 * A kind with one resource has the organization's id as its only id. When `organizationId` is given,
 * any other id is refused: a wildcard grant of one organization must not answer for another.
 */
export function validateCheck<Scope extends string>(
  policy: Policy<Scope>,
  check: Check,
  organizationId?: string,
): asserts check is Check<Scope> {
  const definition = scopeOfCheck(policy, check.scope);
  requireConcrete(definition, check.resource_id, organizationId);
  requireDimensions(definition, check.dimensions);
}

/** The definition of a scope that may be checked. Throws `invalid_check`. */
export function scopeOfCheck<Scope extends string>(
  policy: Policy<Scope>,
  scope: string,
): ScopeDefinition<Scope> {
  const definition = policy.byName.get(scope);
  if (definition !== undefined) return definition;
  if (scope === ROOT) {
    return refuse('internal_scope', `scope ${quote(scope)} cannot be checked`, 'scope', scope);
  }
  return refuse('unknown_scope', `unknown scope ${quote(scope)}`, 'scope', scope);
}

/** Refuses a resource id that does not name one resource. Throws `invalid_check`. */
export function requireConcrete(
  definition: ScopeDefinition,
  id: unknown,
  organizationId: string | undefined,
): void {
  if (typeof id !== 'string' || id === '' || id === ANY) {
    refuse('not_concrete', `${quote(id)} does not name one resource`, 'resource_id', id);
  }
  if (definition.single && organizationId !== undefined && id !== organizationId) {
    refuse(
      'not_the_organization',
      `${quote(id)} is not this organization, the only resource of kind ${quote(definition.kind)}`,
      'resource_id',
      id,
    );
  }
}

/** Refuses undeclared dimensions and values, and the absence of a required one. Throws `invalid_check`. */
export function requireDimensions(
  definition: ScopeDefinition,
  dimensions: Dimensions | undefined,
): void {
  for (const name in dimensions) {
    if (Object.hasOwn(dimensions, name)) requireDeclared(definition, name, dimensions[name]);
  }
  for (const { name, required } of definition.dimensions) {
    if (required && (dimensions === undefined || !Object.hasOwn(dimensions, name))) {
      refuse(
        'absent_dimension',
        `${quote(definition.scope)} needs ${quote(name)}`,
        `dimensions.${name}`,
      );
    }
  }
}

function requireDeclared(definition: ScopeDefinition, name: string, value: unknown): void {
  const path = `dimensions.${name}`;
  const dimension = findDimension(definition, name);
  if (dimension === undefined) {
    refuse(
      'unknown_dimension',
      `${quote(definition.kind)} has no dimension ${quote(name)}`,
      path,
      name,
    );
  }
  if (!isValueOf(dimension, value)) {
    refuse('unknown_value', `${quote(value)} is not a value of ${quote(name)}`, path, value);
  }
}

/** The declared dimension of that name, if there is one. */
export function findDimension(
  definition: ScopeDefinition,
  name: string,
): DimensionDefinition | undefined {
  for (const dimension of definition.dimensions) {
    if (dimension.name === name) return dimension;
  }
  return undefined;
}

/** Whether a dimension can have this concrete value. */
export function isValueOf(dimension: DimensionDefinition, value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value === ANY) return false;
  return dimension.values === undefined || dimension.values.includes(value);
}

function refuse(problem: CheckProblem, message: string, path: string, value?: unknown): never {
  throw new PolicyError('invalid_check', message, {
    path,
    problem,
    ...(value !== undefined && { value: printed(value) }),
  });
}

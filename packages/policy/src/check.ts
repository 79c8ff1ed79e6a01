import { policyError, quote, type CheckProblem } from './error.ts';
import { ANY, findDimension, isValueOf, ROOT, type Policy, type ScopeDefinition } from './scope.ts';
import { type Dimensions } from './selector.ts';

/** The question: may this be done to this one resource? */
export interface Check<Scope extends string = string> {
  readonly scope: Scope;
  readonly resource_id: string;
  readonly dimensions?: Dimensions | undefined;
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
  const definition = policy.byName.get(check.scope) ?? refuseScope(check.scope);
  requireConcrete(definition, check.resource_id, organizationId);
  requireDimensions(definition, check.dimensions);
}

/** Refuses a scope that cannot be checked. Throws `invalid_check`. */
export function refuseScope(scope: string): never {
  return scope === ROOT
    ? refuse('internal_scope', `scope ${quote(scope)} cannot be checked`, 'scope', scope)
    : refuse('unknown_scope', `unknown scope ${quote(scope)}`, 'scope', scope);
}

/** Refuses a resource id that does not name one resource. Throws `invalid_check`. */
export function requireConcrete(
  { kind, single }: ScopeDefinition,
  id: unknown,
  organizationId: string | undefined,
): void {
  const path = 'resource_id';
  if (typeof id !== 'string' || id === '' || id === ANY) {
    refuse('not_concrete', `${quote(id)} does not name one resource`, path, id);
  }
  if (single && organizationId !== undefined && id !== organizationId) {
    const only = `the only resource of kind ${quote(kind)}`;
    refuse(
      'not_the_organization',
      `${quote(id)} is not ${quote(organizationId)}, ${only}`,
      path,
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
    const dimension = findDimension(definition, name);
    if (dimension === undefined || !isValueOf(dimension, dimensions[name])) {
      refuseDimension(definition, name, dimensions[name]);
    }
  }
  for (const { name, required } of definition.dimensions) {
    if (required && typeof dimensions?.[name] !== 'string') {
      const message = `a check of ${quote(definition.scope)} needs ${quote(name)}`;
      refuse('absent_dimension', message, `dimensions.${name}`);
    }
  }
}

function refuseDimension(definition: ScopeDefinition, name: string, value: unknown): never {
  const path = `dimensions.${name}`;
  return findDimension(definition, name) === undefined
    ? refuse('unknown_dimension', `${quote(definition.kind)} has no dimension ${quote(name)}`, path)
    : refuse('unknown_value', `${quote(value)} is not a value of ${quote(name)}`, path, value);
}

function refuse(problem: CheckProblem, message: string, path: string, value?: unknown): never {
  throw policyError('invalid_check', problem, message, path, value);
}

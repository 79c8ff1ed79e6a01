import { findDimension, isValueOf } from './check.ts';
import { PolicyError, printed, quote, type GrantProblem, type SelectorProblem } from './error.ts';
import { grantKey, type Grant } from './grant.ts';
import { type GrantPayload } from './payload.ts';
import { ANY, ROOT, type Policy, type ScopeDefinition } from './scope.ts';
import { pinsOf, selectorOf, type Selector } from './selector.ts';

/** Where the input stands, for errors, and which organization it is for. */
export interface Place {
  readonly path?: string;
  /** When given, selectors of a kind with one resource may name only this id, or `*`. */
  readonly organizationId?: string | undefined;
}

/**
 * The selector as it is stored: both resource keys present, the kind that of the scope, only declared
 * dimensions and values, and no dimension that is `*`. Throws `invalid_selector`, or `invalid_grant`
 * when the scope cannot be granted.
 */
export function validateSelector(
  policy: Policy,
  scope: string,
  input: unknown,
  { path = 'selector', organizationId }: Place = {},
): Selector {
  const definition = policy.byName.get(scope);
  if (definition === undefined) throw scopeError(scope, path);
  const error = selectorError(definition, input, path, organizationId);
  if (error !== undefined) throw error;
  return normalized(input as Selector);
}

/**
 * The rows of a role's payload: no `selectors` is one wildcard row, an empty list is none, and what
 * is said twice is stored once. Throws the first problem, whose `path` names its place.
 */
export function validateGrants(
  policy: Policy,
  payload: readonly GrantPayload[],
  place: Place = {},
): readonly Grant[] {
  const { grants, problems } = inspectGrants(policy, payload, place);
  const [first] = problems;
  if (first !== undefined) throw first;
  return grants;
}

/** Like `validateGrants`, but returns every problem instead of throwing the first. */
export function inspectGrants(
  policy: Policy,
  payload: readonly GrantPayload[],
  { path = 'grants', organizationId }: Place = {},
): { readonly grants: readonly Grant[]; readonly problems: readonly PolicyError[] } {
  const grants = new Map<string, Grant>();
  const problems: PolicyError[] = [];
  for (const [index, { scope, effect = 'allow', selectors }] of payload.entries()) {
    const place = `${path}[${index}]`;
    const definition = policy.byName.get(scope);
    if (definition === undefined) {
      problems.push(scopeError(scope, `${place}.scope`));
      continue;
    }
    const refusal = effectError(definition, effect, `${place}.effect`);
    if (refusal !== undefined) problems.push(refusal);
    const everywhere = selectorOf(definition.kind, ANY, []);
    for (const [position, input] of (selectors ?? [everywhere]).entries()) {
      const at = `${place}.selectors[${position}]`;
      const error = selectorError(definition, input, at, organizationId);
      if (error !== undefined) problems.push(error);
      else addGrant(grants, { scope, effect, selector: normalized(input as Selector) });
    }
  }
  return { grants: [...grants.values()], problems };
}

/** What is wrong with a stored row under this policy. */
export interface StoredProblem {
  readonly path: string;
  readonly problem: GrantProblem | SelectorProblem;
  readonly message: string;
}

/**
 * Whether a stored row still says something under this policy. Of those that do not, an allow matches
 * nothing, and a deny must stop the start: to forget it would be to allow what someone forbade.
 */
export function classifyStored(policy: Policy, grant: Grant): 'valid' | StoredProblem {
  const error = storedError(policy, grant);
  if (error === undefined) return 'valid';
  return { path: error.details.path, problem: error.details.problem, message: error.message };
}

type RowError = PolicyError<'invalid_grant'> | PolicyError<'invalid_selector'>;

function storedError(policy: Policy, { scope, effect, selector }: Grant): RowError | undefined {
  const definition = policy.byName.get(scope);
  if (definition === undefined) return scopeError(scope, 'scope');
  return (
    effectError(definition, effect, 'effect') ??
    selectorError(definition, selector, 'selector', undefined)
  );
}

/**
 * Whether a grant that is held counts. Unlike `classifyStored` it knows the internal scope, whose only
 * form is an allow of everything. Throws `invalid_grant` or `invalid_selector` for a deny that the
 * policy cannot read: deciding without it could allow what someone forbade.
 */
export function counts(policy: Policy, grant: Grant): boolean {
  if (grant.scope === ROOT && grant.effect === 'allow') {
    const { resource_kind, resource_id } = grant.selector;
    return resource_kind === ANY && resource_id === ANY && pinsOf(grant.selector).length === 0;
  }
  const error = storedError(policy, grant);
  if (error !== undefined && grant.effect !== 'allow') throw error;
  return error === undefined;
}

function scopeError(scope: string, path: string): PolicyError<'invalid_grant'> {
  const value = printed(scope);
  return scope === ROOT
    ? new PolicyError('invalid_grant', `scope ${quote(scope)} cannot be granted`, {
        path,
        problem: 'internal_scope',
        value,
      })
    : new PolicyError('invalid_grant', `unknown scope ${quote(scope)}`, {
        path,
        problem: 'unknown_scope',
        value,
      });
}

function effectError(
  { kind, single }: ScopeDefinition,
  effect: unknown,
  path: string,
): PolicyError<'invalid_grant'> | undefined {
  if (effect === 'allow' || (effect === 'deny' && !single)) return undefined;
  const value = printed(effect);
  return effect === 'deny'
    ? new PolicyError('invalid_grant', `grants of kind ${quote(kind)} cannot deny`, {
        path,
        problem: 'deny_refused',
        value,
      })
    : new PolicyError('invalid_grant', `unknown effect ${quote(effect)}`, {
        path,
        problem: 'unknown_effect',
        value,
      });
}

function selectorError(
  definition: ScopeDefinition,
  input: unknown,
  path: string,
  organizationId: string | undefined,
): PolicyError<'invalid_selector'> | undefined {
  const wrong = (
    problem: SelectorProblem,
    key: string,
    message: string,
    value?: unknown,
  ): PolicyError<'invalid_selector'> =>
    new PolicyError('invalid_selector', message, {
      path: key === '' ? path : `${path}.${key}`,
      problem,
      ...(value !== undefined && { value: printed(value) }),
    });
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return wrong('not_an_object', '', `${quote(input)} is not a selector`, input);
  }
  for (const key of ['resource_kind', 'resource_id']) {
    if (!Object.hasOwn(input, key)) return wrong('absent', key, `a selector needs ${quote(key)}`);
  }
  for (const [key, value] of Object.entries(input as Readonly<Record<string, unknown>>)) {
    if (typeof value !== 'string' || value === '') {
      return wrong('not_text', key, `${quote(value)} is not a non-empty text`, value);
    }
    const problem = keyProblem(definition, key, value, organizationId);
    if (problem !== undefined)
      return wrong(
        problem,
        key,
        `${quote(key)} cannot be ${quote(value)} for ${quote(definition.scope)}`,
        value,
      );
  }
  return undefined;
}

function keyProblem(
  definition: ScopeDefinition,
  key: string,
  value: string,
  organizationId: string | undefined,
): SelectorProblem | undefined {
  if (key === 'resource_kind') return value === definition.kind ? undefined : 'wrong_kind';
  if (value === ANY) return undefined;
  if (key === 'resource_id') {
    const elsewhere = definition.single && organizationId !== undefined && value !== organizationId;
    return elsewhere ? 'not_the_organization' : undefined;
  }
  const dimension = findDimension(definition, key);
  if (dimension === undefined) return 'unknown_dimension';
  return isValueOf(dimension, value) ? undefined : 'unknown_value';
}

function normalized(selector: Selector): Selector {
  return selectorOf(selector.resource_kind, selector.resource_id, pinsOf(selector));
}

function addGrant(grants: Map<string, Grant>, grant: Grant): void {
  grants.set(grantKey(grant), grant);
}

import { type PolicyError, type PolicyErrorDetails } from './error.ts';
import { effectError, grantError, grantKey, scopeError, type Grant } from './grant.ts';
import { type GrantPayload } from './payload.ts';
import { ANY, type Policy } from './scope.ts';
import { pinsOf, selectorError, selectorOf, type Selector } from './selector.ts';

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
  if (definition === undefined) throw scopeError(scope, 'scope');
  const error = selectorError(definition, input, path, organizationId);
  if (error !== undefined) throw error;
  return normalized(input as Selector);
}

/**
 * The rows of a role's payload: no `selectors` is one wildcard row, an empty list is none, and what
 * is said twice is one row. Throws the first problem, `invalid_grant` or `invalid_selector`, whose
 * `path` names its place, such as `grants[2].selectors[0].resource_id`.
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

/** Like `validateGrants`, but throws nothing: returns every problem beside the rows that have none. */
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
    const refusal =
      definition === undefined
        ? scopeError(scope, `${place}.scope`)
        : effectError(definition, effect, `${place}.effect`);
    if (refusal !== undefined) problems.push(refusal);
    if (definition === undefined) continue;
    const everywhere = selectorOf(definition.kind, ANY, []);
    for (const [position, input] of (selectors ?? [everywhere]).entries()) {
      const at = `${place}.selectors[${position}]`;
      const error = selectorError(definition, input, at, organizationId);
      if (error !== undefined) problems.push(error);
      if (error !== undefined || refusal !== undefined) continue;
      const grant = { scope, effect, selector: normalized(input as Selector) };
      grants.set(grantKey(grant), grant);
    }
  }
  return { grants: [...grants.values()], problems };
}

/** What is wrong with a stored row under this policy. */
export interface StoredProblem extends PolicyErrorDetails {
  readonly message: string;
}

/**
 * Whether a stored row still says something under this policy. Of those that do not, an allow matches
 * nothing, and a deny must stop the start: to forget it would be to allow what someone forbade.
 */
export function classifyStored(policy: Policy, grant: Grant): 'valid' | StoredProblem {
  const error = grantError(policy, grant);
  if (error === undefined) return 'valid';
  return { ...error.details, message: error.message };
}

function normalized(selector: Selector): Selector {
  return selectorOf(selector.resource_kind, selector.resource_id, pinsOf(selector));
}

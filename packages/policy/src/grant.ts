import { policyError, quote, type GrantProblem, type PolicyError } from './error.ts';
import { ANY, ROOT, type Policy, type ScopeDefinition } from './scope.ts';
import { pinsOf, selectorError, type Comparison, type Selector } from './selector.ts';

export type Effect = 'allow' | 'deny';

/** One row: what may or may not be done, and where. */
export interface Grant {
  readonly scope: string;
  readonly effect: Effect;
  readonly selector: Selector;
}

/** A grant together with who holds it. */
export interface HeldGrant extends Grant {
  readonly principal: string;
  /** Of the row, where it is known. */
  readonly id?: string;
}

/**
 * Whether a grant with these dimensions matches a check with those: an allow unless they differ, so
 * that one narrowed to a tool is enough to connect; a deny only when they agree, so that one narrowed
 * to a tool does not shut the server.
 */
export function matches(effect: Effect, comparison: Comparison): boolean {
  return effect === 'allow' ? comparison !== 'differs' : comparison === 'agrees';
}

/** Text that is equal for two grants exactly when they say the same thing. */
export function grantKey({ scope, effect, selector }: Grant): string {
  const { resource_kind, resource_id } = selector;
  return JSON.stringify([scope, effect, resource_kind, resource_id, pinsOf(selector)]);
}

/**
 * Whether a grant that is held has a say. An allow that the policy cannot read has none. Throws
 * `invalid_grant` or `invalid_selector` for such a deny: deciding without it could allow what someone
 * forbade. The internal scope, which is never stored, has one form: an allow of everything.
 */
export function hasSay(policy: Policy, grant: Grant): boolean {
  if (grant.scope === ROOT && grant.effect === 'allow') return isEverything(grant.selector);
  const error = grantError(policy, grant);
  if (error !== undefined && grant.effect !== 'allow') throw error;
  return error === undefined;
}

/** What keeps a grant from being stored, if anything. */
export function grantError(
  policy: Policy,
  { scope, effect, selector }: Grant,
): PolicyError | undefined {
  const definition = policy.byName.get(scope);
  if (definition === undefined) return scopeError(scope, 'scope');
  return (
    effectError(definition, effect, 'effect') ?? selectorError(definition, selector, 'selector')
  );
}

/** What is wrong with granting a scope that is not declared. */
export function scopeError(scope: unknown, path: string): PolicyError {
  return scope === ROOT
    ? invalid('internal_scope', `scope ${quote(scope)} cannot be granted`, path, scope)
    : invalid('unknown_scope', `unknown scope ${quote(scope)}`, path, scope);
}

/**
 * What is wrong with an effect, if anything. A kind whose one resource is the organization cannot be
 * denied: that would lock people out of the place where the deny could be lifted.
 */
export function effectError(
  { kind, single }: ScopeDefinition,
  effect: unknown,
  path: string,
): PolicyError | undefined {
  if (effect === 'allow' || (effect === 'deny' && !single)) return undefined;
  return effect === 'deny'
    ? invalid('deny_refused', `grants of kind ${quote(kind)} cannot deny`, path, effect)
    : invalid('unknown_effect', `unknown effect ${quote(effect)}`, path, effect);
}

function isEverything(selector: Selector): boolean {
  const { resource_kind, resource_id } = selector;
  return resource_kind === ANY && resource_id === ANY && pinsOf(selector).length === 0;
}

function invalid(
  problem: GrantProblem,
  message: string,
  path: string,
  value: unknown,
): PolicyError {
  return policyError('invalid_grant', problem, message, path, value);
}

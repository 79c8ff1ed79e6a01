import { validateCheck, type Check } from './check.ts';
import { settle, type Decision, type Standing } from './decision.ts';
import { hasSay, type HeldGrant } from './grant.ts';
import { satisfies } from './implication.ts';
import { ANY, type Policy } from './scope.ts';
import { type Selector } from './selector.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/**
 * Answers one check from the rows a principal holds, directly and through roles. Reads every row:
 * use `compileGrants` where speed matters; both give the same answer.
 *
 * Throws `invalid_check` for a check that is not a question, and `invalid_grant` or
 * `invalid_selector` for a deny that the policy cannot read.
 */
export function decide<Scope extends string>(
  policy: Policy<Scope>,
  standing: Standing,
  grants: readonly HeldGrant[],
  check: Check<NoInfer<Scope>>,
  organizationId?: string,
): Decision {
  validateCheck(policy, check, organizationId);
  return settle(standing, judge(policy, grants, check));
}

/** What the grants alone answer to a valid check. */
export function judge(policy: Policy, grants: readonly HeldGrant[], check: Check): Verdict {
  const held = grants.filter((grant) => hasSay(policy, grant));
  const candidates = held.filter(
    (grant) => concerns(policy, grant, check.scope) && isAt(grant.selector, check.resource_id),
  );
  return verdictOf(held.length, candidates, check.dimensions);
}

/** Whether a grant speaks about a scope: an allow gives what it implies, a deny takes what implies it. */
export function concerns(policy: Policy, { scope, effect }: HeldGrant, asked: string): boolean {
  return effect === 'allow' ? satisfies(policy, scope, asked) : satisfies(policy, asked, scope);
}

/** Whether a grant reaches a resource, as far as its id goes. */
export function isAt({ resource_id }: Selector, asked: string): boolean {
  return resource_id === ANY || resource_id === asked;
}

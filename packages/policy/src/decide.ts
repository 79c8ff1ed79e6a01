import { validateCheck, type Check } from './check.ts';
import { settle, verdictOf, type Decision, type Standing, type Verdict } from './decision.ts';
import { type HeldGrant } from './grant.ts';
import { satisfies } from './implication.ts';
import { ANY, type Policy } from './scope.ts';
import { comparePins, pinsOf } from './selector.ts';
import { counts } from './validate.ts';

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
  check: Check<Scope>,
  organizationId?: string,
): Decision {
  validateCheck(policy, check, organizationId);
  return settle(standing, judge(policy, grants, check));
}

/** What the grants alone answer to a valid check. */
export function judge(policy: Policy, grants: readonly HeldGrant[], check: Check): Verdict {
  const held = grants.filter((grant) => counts(policy, grant));
  const here = held.filter(({ selector }) => isAt(selector.resource_id, check.resource_id));
  const allows = here.filter(
    ({ effect, scope }) => effect === 'allow' && satisfies(policy, scope, check.scope),
  );
  const denies = here.filter(
    ({ effect, scope }) => effect === 'deny' && satisfies(policy, check.scope, scope),
  );
  const compared = (grant: HeldGrant): ReturnType<typeof comparePins> =>
    comparePins(pinsOf(grant.selector), check.dimensions);
  return verdictOf(held.length, {
    matched: allows.filter((grant) => compared(grant) !== 'differs'),
    denied_by: denies.filter((grant) => compared(grant) === 'agrees'),
    undetermined: denies.filter((grant) => compared(grant) === 'open'),
  });
}

function isAt(selected: string, asked: string): boolean {
  return selected === ANY || selected === asked;
}

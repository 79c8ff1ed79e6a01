import { refuseScope, type Check } from './check.ts';
import { decide } from './decide.ts';
import { type Decision, type Reason, type Standing } from './decision.ts';
import { type Grant, type HeldGrant } from './grant.ts';
import { nearMisses, type NearMiss } from './near-miss.ts';
import { type Policy } from './scope.ts';
import { selectorOf } from './selector.ts';
import { checkInWords, grantInWords } from './words.ts';

export interface Explanation {
  readonly decision: Decision;
  /** Why, in words; the first sentence is the answer. */
  readonly sentences: readonly string[];
  /** The nearest of the grants that almost decided, and how many there are in all. */
  readonly near_misses: readonly NearMiss[];
  readonly near_miss_count: number;
  /**
   * The smallest grant that, added to those held, changes the answer that counts under `enforced` to
   * allowed. Absent when it is allowed, and when no grant would: a deny matches, or there is no active
   * membership.
   */
  readonly missing?: Grant;
}

const MOST_NEAR_MISSES = 20;
const MOST_DECIDING = 5;

/**
 * Answers a check and says why: what decided, what almost did, and what is missing.
 *
 * INVARIANT (missing changes the answer): with the missing grant added, `decide` allows.
 *
 * Throws as `decide` does.
 */
export function explain<Scope extends string>(
  policy: Policy<Scope>,
  standing: Standing,
  grants: readonly HeldGrant[],
  check: Check<NoInfer<Scope>>,
  organizationId?: string,
): Explanation {
  const decision = decide(policy, standing, grants, check, organizationId);
  const { reason } = decision.enforced ?? decision;
  const stopped = reason === 'not_a_member' || reason === 'membership_inactive';
  const misses = stopped ? [] : nearMisses(policy, grants, check, decision);
  const wanting = reason === 'scope_unsatisfied' || reason === 'no_grants';
  const missing = wanting ? smallestGrant(policy, check) : undefined;
  return {
    decision,
    sentences: sentencesOf(decision, check, missing),
    near_misses: misses.slice(0, MOST_NEAR_MISSES),
    near_miss_count: misses.length,
    ...(missing !== undefined && { missing }),
  };
}

/** The grant of exactly what is asked. */
function smallestGrant(policy: Policy, check: Check): Grant {
  const { scope, resource_id, dimensions = {} } = check;
  const { kind } = policy.byName.get(scope) ?? refuseScope(scope);
  const pins = Object.entries(dimensions).map(([dimension, value]) => ({ dimension, value }));
  return { scope, effect: 'allow', selector: selectorOf(kind, resource_id, pins) };
}

function sentencesOf(
  decision: Decision,
  check: Check,
  missing: Grant | undefined,
): readonly string[] {
  const { denied_by, matched, enforced } = decision;
  const asked = checkInWords(check);
  const deciding = denied_by.length > 0 ? denied_by : matched;
  const more = deciding.length - MOST_DECIDING;
  return [
    `${asked} is ${answerInWords(decision)}`,
    ...(enforced === undefined ? [] : [`under enforcement it would be ${answerInWords(enforced)}`]),
    ...deciding.slice(0, MOST_DECIDING).map(grantInWords),
    ...(more > 0 ? [`and ${more} more such grants`] : []),
    ...(missing === undefined ? [] : [`a grant of ${asked} would allow it`]),
  ];
}

function answerInWords({ allowed, reason }: Pick<Decision, 'allowed' | 'reason'>): string {
  return `${allowed ? 'allowed' : 'denied'}: ${REASONS[reason]}`;
}

const REASONS: Readonly<Record<Reason, string>> = {
  grant_matched: 'a grant allows it and none denies it',
  deny_matched: 'a grant denies it, which no other can outweigh',
  scope_unsatisfied: 'none of the grants that are held allows it',
  no_grants: 'no grants are held',
  not_a_member: 'there is no membership',
  membership_inactive: 'the membership is not active',
  enforcement_off: 'enforcement is off, so grants are not asked',
  enforcement_shadow: 'enforcement is in shadow, so the answer of the grants is only recorded',
};

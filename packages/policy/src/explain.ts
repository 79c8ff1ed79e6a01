import { type Check } from './check.ts';
import { decide, judge } from './decide.ts';
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
  check: Check<Scope>,
  organizationId?: string,
): Explanation {
  const decision = decide(policy, standing, grants, check, organizationId);
  const misses = nearMisses(policy, grants, check, judge(policy, grants, check));
  const missing = missingGrant(policy, decision, check);
  return {
    decision,
    sentences: sentencesOf(decision, check),
    near_misses: misses.slice(0, MOST_NEAR_MISSES),
    near_miss_count: misses.length,
    ...(missing !== undefined && { missing }),
  };
}

function missingGrant(policy: Policy, decision: Decision, check: Check): Grant | undefined {
  const { reason } = decision.enforced ?? decision;
  const definition = policy.byName.get(check.scope);
  if (definition === undefined) return undefined;
  if (reason !== 'scope_unsatisfied' && reason !== 'no_grants') return undefined;
  const pins = Object.entries(check.dimensions ?? {}).map(([dimension, value]) => ({
    dimension,
    value,
  }));
  return {
    scope: check.scope,
    effect: 'allow',
    selector: selectorOf(definition.kind, check.resource_id, pins),
  };
}

function sentencesOf(decision: Decision, check: Check): readonly string[] {
  const answer = decision.allowed ? 'allowed' : 'denied';
  const sentences = [`${checkInWords(check)} is ${answer}: ${REASONS[decision.reason]}`];
  if (decision.enforced !== undefined) {
    const { allowed, reason } = decision.enforced;
    const would = allowed ? 'allowed' : 'denied';
    sentences.push(`if enforcement were on, it would be ${would}: ${REASONS[reason]}`);
  }
  for (const grant of [...decision.denied_by, ...decision.matched])
    sentences.push(grantInWords(grant));
  return sentences;
}

const REASONS: Readonly<Record<Reason, string>> = {
  grant_matched: 'a grant allows it and none denies it',
  deny_matched: 'a grant denies it, which no other can outweigh',
  scope_unsatisfied: 'no grant that is held allows it',
  no_grants: 'no grants are held',
  not_a_member: 'there is no membership',
  membership_inactive: 'the membership is not active',
  enforcement_off: 'enforcement is off, so grants are not asked',
  enforcement_shadow: 'enforcement is in shadow, so the answer of the grants is only recorded',
};

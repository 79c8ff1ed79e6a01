import { type Check } from './check.ts';
import { decide } from './decide.ts';
import { type Decision, type Standing } from './decision.ts';
import { type Grant, type HeldGrant } from './grant.ts';
import { type Policy } from './scope.ts';

/** A grant that almost decided, and what kept it from doing so. */
export interface NearMiss {
  readonly grant: HeldGrant;
  readonly obstacle: Obstacle;
  readonly sentence: string;
}

export type Obstacle =
  'other_resource' | 'weaker_action' | 'dimension_differs' | 'dimension_absent' | 'unreadable';

export interface Explanation {
  readonly decision: Decision;
  /** Why, in words: what decided first. */
  readonly sentences: readonly string[];
  readonly near_misses: readonly NearMiss[];
  /** The smallest grant that, added to those held, makes the grants allow it; absent when none does. */
  readonly missing?: Grant;
}

/** Answers a check and says why in words. Throws as `decide` does. */
export function explain<Scope extends string>(
  policy: Policy<Scope>,
  standing: Standing,
  grants: readonly HeldGrant[],
  check: Check<Scope>,
  organizationId?: string,
): Explanation {
  const decision = decide(policy, standing, grants, check, organizationId);
  return { decision, sentences: [], near_misses: [] };
}

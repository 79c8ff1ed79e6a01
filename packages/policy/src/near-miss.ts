import { type Check } from './check.ts';
import { concerns, isAt } from './decide.ts';
import { hasSay, type HeldGrant } from './grant.ts';
import { type Policy } from './scope.ts';
import { comparePins, pinsOf } from './selector.ts';
import { type Verdict } from './verdict.ts';
import { grantInWords } from './words.ts';

/** A grant that almost decided, and what kept it from doing so. */
export interface NearMiss {
  readonly grant: HeldGrant;
  readonly obstacle: Obstacle;
  readonly sentence: string;
}

/** What stands between a grant and a check, nearest first. */
export type Obstacle = keyof typeof OBSTACLES;

const OBSTACLES = {
  dimension_absent: 'it would decide if the check named the dimension',
  dimension_differs: 'the check names another value',
  weaker_action: 'it does not include the action asked for',
  other_resource: 'the check is about another resource',
  unreadable: 'the policy does not know such a grant, so it matches nothing',
} as const;

/**
 * The grants that would have decided but for one thing, nearest first: denies that lack a dimension of
 * the check, and, where no allow matched, allows.
 */
export function nearMisses(
  policy: Policy,
  grants: readonly HeldGrant[],
  check: Check,
  { matched, undetermined }: Pick<Verdict, 'matched' | 'undetermined'>,
): readonly NearMiss[] {
  const misses = undetermined.map((grant) => nearMiss(grant, 'dimension_absent'));
  if (matched.length === 0) {
    for (const grant of grants) {
      const obstacle = grant.effect === 'allow' ? onlyObstacle(policy, grant, check) : undefined;
      if (obstacle !== undefined) misses.push(nearMiss(grant, obstacle));
    }
  }
  const order = Object.keys(OBSTACLES);
  return misses.sort((a, b) => order.indexOf(a.obstacle) - order.indexOf(b.obstacle));
}

function nearMiss(grant: HeldGrant, obstacle: Obstacle): NearMiss {
  return { grant, obstacle, sentence: `${grantInWords(grant)}, but ${OBSTACLES[obstacle]}` };
}

function onlyObstacle(policy: Policy, grant: HeldGrant, check: Check): Obstacle | undefined {
  const { selector } = grant;
  if (selector.resource_kind !== policy.byName.get(check.scope)?.kind) return undefined;
  if (!hasSay(policy, grant)) return 'unreadable';
  const differs = comparePins(pinsOf(selector), check.dimensions) === 'differs';
  const obstacles = [
    differs && 'dimension_differs',
    !concerns(policy, grant, check.scope) && 'weaker_action',
    !isAt(selector, check.resource_id) && 'other_resource',
  ] as const;
  const [only, another] = obstacles.filter((obstacle) => obstacle !== false);
  return another === undefined ? only : undefined;
}

import { matches, type HeldGrant } from './grant.ts';
import { comparePins, pinsOf, type Dimensions } from './selector.ts';

/** What the grants alone answer. */
export interface Verdict {
  readonly allowed: boolean;
  readonly reason: GrantReason;
  /** The allow grants that match. */
  readonly matched: readonly HeldGrant[];
  /** The deny grants that match. */
  readonly denied_by: readonly HeldGrant[];
  /** The deny grants that would match if the check named the dimensions it lacks. */
  readonly undetermined: readonly HeldGrant[];
}

export type GrantReason = 'grant_matched' | 'deny_matched' | 'scope_unsatisfied' | 'no_grants';

/**
 * The verdict on a check, given the grants that match it in scope and resource, so that only
 * dimensions are left to compare, and how many grants are held in all.
 *
 * INVARIANT (deny beats allow): no number of matching allows outweighs one matching deny.
 * INVARIANT (default denies): without a matching allow nothing is allowed.
 */
export function verdictOf(
  held: number,
  candidates: readonly HeldGrant[],
  dimensions: Dimensions | undefined,
): Verdict {
  const matched: HeldGrant[] = [];
  const denied_by: HeldGrant[] = [];
  const undetermined: HeldGrant[] = [];
  for (const grant of candidates) {
    const comparison = comparePins(pinsOf(grant.selector), dimensions);
    if (matches(grant.effect, comparison)) {
      (grant.effect === 'allow' ? matched : denied_by).push(grant);
    } else if (comparison === 'open') {
      undetermined.push(grant);
    }
  }
  const allowed = matched.length > 0 && denied_by.length === 0;
  return { allowed, reason: reasonOf(held, matched, denied_by), matched, denied_by, undetermined };
}

function reasonOf(
  held: number,
  matched: readonly HeldGrant[],
  denied_by: readonly HeldGrant[],
): GrantReason {
  if (denied_by.length > 0) return 'deny_matched';
  if (matched.length > 0) return 'grant_matched';
  return held > 0 ? 'scope_unsatisfied' : 'no_grants';
}

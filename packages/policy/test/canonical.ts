import { grantKey, type Decision, type HeldGrant, type Verdict } from '../src/index.ts';

/** A verdict with its grants as sets of what they say, for comparing paths that list them differently. */
export function canonical(verdict: Verdict | Decision): unknown {
  const { allowed, reason, matched, denied_by, undetermined } = verdict;
  return {
    allowed,
    reason,
    matched: canonicalGrants(matched),
    denied_by: canonicalGrants(denied_by),
    undetermined: canonicalGrants(undetermined),
  };
}

/** Grants as a sorted list without repetition. */
export function canonicalGrants(grants: readonly HeldGrant[]): readonly string[] {
  return [...new Set(grants.map((grant) => `${grant.principal} ${grantKey(grant)}`))].sort();
}

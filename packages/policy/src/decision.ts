import { type GrantReason, type Verdict } from './verdict.ts';

/** The answer to a check, and what decided it. */
export interface Decision extends Omit<Verdict, 'reason'> {
  readonly reason: Reason;
  /** While enforcement is `off` or `shadow`: the answer that would count under `enforced`. */
  readonly enforced?: { readonly allowed: boolean; readonly reason: Reason };
}

export type Reason =
  GrantReason | 'not_a_member' | 'membership_inactive' | 'enforcement_off' | 'enforcement_shadow';

/**
 * What is known of the asker besides grants. `none`: no membership is known. `exempt`: needs no
 * membership, as api keys do, and roles that are only asked about.
 */
export interface Standing {
  readonly membership: Membership;
  readonly enforcement: Enforcement;
}

export type Membership = 'active' | 'inactive' | 'pending' | 'deleted' | 'none' | 'exempt';

export type Enforcement = 'off' | 'shadow' | 'enforced';

/** Joins what the grants say with where the asker stands. Membership comes first. */
export function settle(standing: Standing, verdict: Verdict): Decision {
  const refusal = membershipRefusal(standing.membership);
  const enforced: Decision =
    refusal === undefined ? verdict : { ...NOTHING, allowed: false, reason: refusal };
  const waiver = waiverOf(standing.enforcement);
  if (waiver === undefined) return enforced;
  const answer = { allowed: enforced.allowed, reason: enforced.reason };
  if (standingAnswer(standing) !== true) return { ...enforced, enforced: answer };
  return { ...enforced, allowed: true, reason: waiver, enforced: answer };
}

/**
 * The answer that counts when the standing alone gives it, or `undefined` when the grants decide.
 * It says nothing about the check, which must be valid whatever the standing.
 */
export function standingAnswer({ membership, enforcement }: Standing): boolean | undefined {
  const waived = waiverOf(enforcement) !== undefined;
  if (membershipRefusal(membership) === undefined) return waived ? true : undefined;
  return membership === 'none' && waived;
}

const NOTHING = { matched: [], denied_by: [], undetermined: [] } as const;

function waiverOf(enforcement: Enforcement): Reason | undefined {
  switch (enforcement) {
    case 'off':
      return 'enforcement_off';
    case 'shadow':
      return 'enforcement_shadow';
    // Whatever else it may be enforces.
    default:
      return undefined;
  }
}

function membershipRefusal(membership: Membership): Reason | undefined {
  switch (membership) {
    case 'active':
    case 'exempt':
      return undefined;
    case 'inactive':
    case 'pending':
      return 'membership_inactive';
    // Whatever else it may be is no member.
    default:
      return 'not_a_member';
  }
}

import { describe, expect, it } from 'vitest';
import {
  settle,
  standingAnswer,
  type Enforcement,
  type Membership,
  type Standing,
} from './decision.ts';
import { type Verdict } from './verdict.ts';

const NOTHING = { matched: [], denied_by: [], undetermined: [] };
const YES: Verdict = { allowed: true, reason: 'grant_matched', ...NOTHING };
const NO: Verdict = { allowed: false, reason: 'scope_unsatisfied', ...NOTHING };

const MEMBERSHIPS: Membership[] = ['active', 'inactive', 'pending', 'deleted', 'none', 'exempt'];
const ENFORCEMENTS: Enforcement[] = ['off', 'shadow', 'enforced'];
const STANDINGS: Standing[] = MEMBERSHIPS.flatMap((membership) =>
  ENFORCEMENTS.map((enforcement) => ({ membership, enforcement })),
);

describe('settle', () => {
  it.each<[Membership, Enforcement, boolean, string, string]>([
    ['active', 'enforced', false, 'scope_unsatisfied', 'scope_unsatisfied'],
    ['active', 'shadow', true, 'enforcement_shadow', 'scope_unsatisfied'],
    ['active', 'off', true, 'enforcement_off', 'scope_unsatisfied'],
    ['exempt', 'enforced', false, 'scope_unsatisfied', 'scope_unsatisfied'],
    ['exempt', 'shadow', true, 'enforcement_shadow', 'scope_unsatisfied'],
    ['exempt', 'off', true, 'enforcement_off', 'scope_unsatisfied'],
    ['none', 'enforced', false, 'not_a_member', 'not_a_member'],
    ['none', 'shadow', true, 'enforcement_shadow', 'not_a_member'],
    ['none', 'off', true, 'enforcement_off', 'not_a_member'],
    ['inactive', 'enforced', false, 'membership_inactive', 'membership_inactive'],
    ['inactive', 'shadow', false, 'membership_inactive', 'membership_inactive'],
    ['inactive', 'off', false, 'membership_inactive', 'membership_inactive'],
    ['pending', 'enforced', false, 'membership_inactive', 'membership_inactive'],
    ['pending', 'shadow', false, 'membership_inactive', 'membership_inactive'],
    ['pending', 'off', false, 'membership_inactive', 'membership_inactive'],
    ['deleted', 'enforced', false, 'not_a_member', 'not_a_member'],
    ['deleted', 'shadow', false, 'not_a_member', 'not_a_member'],
    ['deleted', 'off', false, 'not_a_member', 'not_a_member'],
  ])(
    '%s under %s: allowed %s by %s, enforced by %s',
    (membership, enforcement, allowed, reason, then) => {
      const decision = settle({ membership, enforcement }, NO);
      const enforced = enforcement === 'enforced' ? undefined : { allowed: false, reason: then };
      expect(decision).toEqual({ allowed, reason, ...NOTHING, ...(enforced && { enforced }) });
    },
  );

  it('never turns a yes of the grants into a yes for who is not a member', () => {
    for (const standing of STANDINGS) {
      const answer = settle(standing, YES);
      const counted = (answer.enforced ?? answer).allowed;
      expect(counted).toBe(['active', 'exempt'].includes(standing.membership));
    }
  });
});

describe('a standing that is not known', () => {
  it('denies, and does not waive', () => {
    const strange = { membership: 'vip' as Membership, enforcement: 'lenient' as Enforcement };
    expect(settle(strange, YES)).toEqual({ allowed: false, reason: 'not_a_member', ...NOTHING });
    expect(standingAnswer(strange)).toBe(false);
    const lenient: Standing = { ...strange, membership: 'active' };
    expect(settle(lenient, NO).allowed).toBe(false);
    expect(standingAnswer(lenient)).toBeUndefined();
  });
});

describe('standingAnswer', () => {
  it('is what settle answers, or nothing where the grants decide', () => {
    for (const standing of STANDINGS) {
      for (const verdict of [YES, NO]) {
        expect(standingAnswer(standing) ?? verdict.allowed).toBe(settle(standing, verdict).allowed);
      }
    }
  });
});

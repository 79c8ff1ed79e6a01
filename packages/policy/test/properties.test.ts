import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileGrants,
  decide,
  explain,
  filterIds,
  formatPrincipal,
  joinGrants,
  parsePrincipal,
  PolicyError,
  reach,
  toGrantPayload,
  validateCheck,
  validateGrants,
  type Check,
  type CompiledGrants,
  type Decision,
  type HeldGrant,
  type Policy,
  type Standing,
} from '../src/index.ts';
import { mergeGrants } from '../src/merge/index.ts';
import {
  checkArb,
  grantArb,
  heldGrantsArb,
  LONGEST_MS,
  policyArb,
  PRINCIPALS,
  RUNS,
  situationArb,
  wildCheckArb,
} from './arbitraries.ts';
import { canonical } from './canonical.ts';
import { reference } from './reference.ts';

const ENFORCED: Standing = { membership: 'active', enforcement: 'enforced' };

function decided(policy: Policy, grants: readonly HeldGrant[], check: Check): Decision {
  return decide(policy, ENFORCED, grants, check);
}

function holding<G>(grant: G): G & { principal: string } {
  return { principal: 'user:u', ...grant };
}

/** One part per principal, as roles and direct grants are kept in memory. */
function partsOf(policy: Policy, grants: readonly HeldGrant[]): Map<string, CompiledGrants> {
  return new Map(
    PRINCIPALS.map((principal) => [
      principal,
      compileGrants(
        policy,
        grants.filter((grant) => grant.principal === principal),
      ),
    ]),
  );
}

function verify<T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, predicate), { numRuns: RUNS });
}

describe('properties of decisions', { timeout: LONGEST_MS }, () => {
  it('default denies: without an allow nothing is allowed', () => {
    verify(situationArb, ({ policy, grants, check }) => {
      const denies = grants.filter(({ effect }) => effect === 'deny');
      expect(decided(policy, denies, check).allowed).toBe(false);
      expect(
        compileGrants(policy, denies).can(check.scope, check.resource_id, check.dimensions),
      ).toBe(false);
    });
  });

  it('deny beats allow: a matching deny wins over any number of allows', () => {
    const situation = situationArb.filter(
      ({ policy, check }) => policy.byName.get(check.scope)?.single === false,
    );
    verify(situation, ({ policy, grants, check }) => {
      const { kind } = policy.byName.get(check.scope) ?? expect.fail('the scope is declared');
      const { scope, resource_id, dimensions } = check;
      const selector = { ...dimensions, resource_kind: kind, resource_id };
      const deny = holding({ scope, effect: 'deny' as const, selector });
      expect(decided(policy, [...grants, deny], check).reason).toBe('deny_matched');
      expect(compileGrants(policy, [deny, ...grants]).can(scope, resource_id, dimensions)).toBe(
        false,
      );
    });
  });

  it('order and duplicates do not matter', () => {
    const shuffled = situationArb.chain((situation) =>
      fc.record({
        situation: fc.constant(situation),
        again: fc.shuffledSubarray([...situation.grants]),
        order: fc.shuffledSubarray([...situation.grants], { minLength: situation.grants.length }),
      }),
    );
    verify(shuffled, ({ situation: { policy, grants, check }, again, order }) => {
      const mixed = [...again, ...order];
      expect(canonical(decided(policy, mixed, check))).toEqual(
        canonical(decided(policy, grants, check)),
      );
      expect(canonical(compileGrants(policy, mixed).decide(check))).toEqual(
        canonical(compileGrants(policy, grants).decide(check)),
      );
    });
  });

  it('adding a deny never allows', () => {
    const deniable = situationArb.filter(({ policy }) =>
      policy.kinds.some(({ single }) => !single),
    );
    const arbitrary = deniable.chain((situation) =>
      grantArb(situation.policy, 'deny').map((deny) => ({ ...situation, deny: holding(deny) })),
    );
    verify(arbitrary, ({ policy, grants, check, deny }) => {
      const before = decided(policy, grants, check).allowed;
      const after = decided(policy, [...grants, deny], check).allowed;
      expect(after && !before).toBe(false);
    });
  });

  it('removing an allow never allows', () => {
    const arbitrary = situationArb.chain((situation) =>
      fc.nat().map((position) => ({ ...situation, position })),
    );
    verify(arbitrary, ({ policy, grants, check, position }) => {
      const allows = grants.filter(({ effect }) => effect === 'allow');
      const removed = allows[position % Math.max(1, allows.length)];
      const fewer = grants.filter((grant) => grant !== removed);
      const before = decided(policy, grants, check).allowed;
      const after = decided(policy, fewer, check).allowed;
      expect(after && !before).toBe(false);
    });
  });

  it('decide agrees with the reference', () => {
    verify(situationArb, ({ policy, grants, check }) => {
      expect(canonical(decided(policy, grants, check))).toEqual(
        canonical(reference(policy, grants, check)),
      );
    });
  });

  it('compiled agrees with the reference', () => {
    verify(situationArb, ({ policy, grants, check }) => {
      const { scope, resource_id, dimensions } = check;
      const compiled = compileGrants(policy, grants);
      const expected = reference(policy, grants, check);
      expect(compiled.can(scope, resource_id, dimensions)).toBe(expected.allowed);
      expect(canonical(compiled.decide(check))).toEqual(canonical(expected));
    });
  });

  it('filter agrees with check: the same as asking for each item one by one', () => {
    const arbitrary = situationArb.chain((situation) =>
      fc
        .array(
          fc.constantFrom('a', 'b1', 'c', '__proto__', 'constructor', situation.check.resource_id),
        )
        .map((ids) => ({ ...situation, ids })),
    );
    verify(arbitrary, ({ policy, grants, check: { scope, dimensions }, ids }) => {
      const view = joinGrants(policy, [...partsOf(policy, grants).values()]);
      const oneByOne = ids.filter(
        (resource_id) =>
          decided(policy, grants, { scope, resource_id, ...(dimensions && { dimensions }) })
            .allowed,
      );
      expect(filterIds(view, scope, ids, dimensions)).toEqual(oneByOne);
      const reached = reach(view, scope, dimensions);
      const inReach = (id: string): boolean =>
        reached.everything ? !reached.except.has(id) : reached.ids.has(id);
      expect(ids.filter(inReach)).toEqual(oneByOne);
    });
  });
});

describe('properties of compiled grants', { timeout: LONGEST_MS }, () => {
  it('join equals union: joined parts answer like all grants compiled together', () => {
    verify(situationArb, ({ policy, grants, check }) => {
      const { scope, resource_id, dimensions } = check;
      const joined = joinGrants(policy, [...partsOf(policy, grants).values()]);
      const whole = compileGrants(policy, grants);
      expect(joined.can(scope, resource_id, dimensions)).toBe(
        whole.can(scope, resource_id, dimensions),
      );
      expect(canonical(joined.decide(check))).toEqual(canonical(whole.decide(check)));
    });
  });

  it('merge equals join: one table answers like all that it was made of', () => {
    verify(situationArb, ({ policy, grants, check }) => {
      const { scope, resource_id, dimensions } = check;
      const views = [...partsOf(policy, grants).values()];
      const joined = joinGrants(policy, views);
      const merged = mergeGrants(policy, views);
      expect(merged.parts).toHaveLength(1);
      expect(merged.can(scope, resource_id, dimensions)).toBe(
        joined.can(scope, resource_id, dimensions),
      );
      expect(canonical(merged.decide(check))).toEqual(canonical(joined.decide(check)));
      const again = mergeGrants(policy, [merged, ...views]);
      expect(canonical(again.decide(check))).toEqual(canonical(joined.decide(check)));
    });
  });

  it('patching equals rebuilding: recompiling the one role that changed is enough', () => {
    const arbitrary = situationArb.chain((situation) =>
      heldGrantsArb(situation.policy).chain((replacement) =>
        fc.constantFrom(...PRINCIPALS).map((changed) => ({ ...situation, changed, replacement })),
      ),
    );
    verify(arbitrary, ({ policy, grants, check, changed, replacement }) => {
      const renewed = replacement.map((grant) => ({ ...grant, principal: changed }));
      const parts = partsOf(policy, grants).set(changed, compileGrants(policy, renewed));
      const patched = joinGrants(policy, [...parts.values()]);
      const rest = grants.filter(({ principal }) => principal !== changed);
      const rebuilt = compileGrants(policy, [...rest, ...renewed]);
      expect(canonical(patched.decide(check))).toEqual(canonical(rebuilt.decide(check)));
      expect(patched.can(check.scope, check.resource_id, check.dimensions)).toBe(
        rebuilt.can(check.scope, check.resource_id, check.dimensions),
      );
    });
  });

  it('can refuses exactly the checks that validateCheck refuses, in the same words', () => {
    const arbitrary = policyArb.chain((policy) =>
      fc.record({
        policy: fc.constant(policy),
        check: fc.oneof(wildCheckArb(policy), checkArb(policy)),
        organizationId: fc.option(fc.constant('a'), { nil: undefined }),
      }),
    );
    verify(arbitrary, ({ policy, check, organizationId }) => {
      const view = compileGrants(policy, [], organizationId);
      const { scope, resource_id, dimensions } = check;
      const expected = outcome(() => {
        validateCheck(policy, check, organizationId);
      });
      expect(outcome(() => void view.can(scope, resource_id, dimensions))).toEqual(expected);
      expect(outcome(() => void view.decide(check))).toEqual(expected);
    });
  });
});

describe('properties of payloads, principals and explanations', { timeout: LONGEST_MS }, () => {
  it('payload round trip: rows become a payload and the same rows again', () => {
    const arbitrary = policyArb.chain((policy) =>
      fc
        .array(fc.oneof(grantArb(policy, 'allow'), grantArb(policy, 'deny')))
        .map((grants) => ({ policy, grants })),
    );
    verify(arbitrary, ({ policy, grants }) => {
      const rows = validateGrants(
        policy,
        grants.map(({ scope, effect, selector }) => ({ scope, effect, selectors: [selector] })),
      );
      const back = validateGrants(policy, toGrantPayload(rows));
      expect(new Set(back.map((row) => JSON.stringify(row)))).toEqual(
        new Set(rows.map((row) => JSON.stringify(row))),
      );
      expect(back.length).toBe(rows.length);
    });
  });

  it('principal round trip: what is read is written the same', () => {
    const urn = fc.oneof(
      fc.uuid().map((id) => `role:global:${id}`),
      fc.uuid().map((id) => `role:organization:${id}`),
      fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/).map((slug) => `role:${slug}`),
      fc.stringMatching(/^[^\s*\p{Cc}]{1,40}$/u).map((id) => `user:${id}`),
      fc.stringMatching(/^[a-z0-9:]{1,20}$/).map((id) => `api_key:${id}`),
    );
    verify(urn, (text) => {
      expect(formatPrincipal(parsePrincipal(text))).toBe(text);
    });
  });

  it('missing changes the answer: with the missing grant added, the check is allowed', () => {
    verify(situationArb, ({ policy, grants, check }) => {
      const { decision, missing } = explain(policy, ENFORCED, grants, check);
      const helpless = decision.allowed || decision.reason === 'deny_matched';
      expect(missing === undefined).toBe(helpless);
      if (missing === undefined) return;
      expect(decided(policy, [...grants, holding(missing)], check).allowed).toBe(true);
      const { kind } = policy.byName.get(check.scope) ?? expect.fail('the scope is declared');
      const selector = { ...check.dimensions, resource_kind: kind, resource_id: check.resource_id };
      expect(missing).toEqual({ scope: check.scope, effect: 'allow', selector });
    });
  });
});

function outcome(act: () => void): unknown {
  try {
    act();
    return 'valid';
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { code: error.code, details: error.details, message: error.message };
  }
}

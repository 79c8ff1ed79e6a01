import { type HeldGrant } from './grant.ts';
import { satisfies } from './implication.ts';
import { type Policy } from './scope.ts';
import { counts } from './validate.ts';

/** What a principal's grants say about one scope. */
export interface EffectiveScope<Scope extends string = string> {
  readonly scope: Scope;
  /** Grants of this scope, and of scopes that imply it. */
  readonly allow: readonly HeldGrant[];
  /** Denies of this scope, and of scopes that it implies. */
  readonly deny: readonly HeldGrant[];
}

/** The grants that count, under every scope they speak about, implied scopes included. */
export function effectiveGrants<Scope extends string>(
  policy: Policy<Scope>,
  grants: readonly HeldGrant[],
): readonly EffectiveScope<Scope>[] {
  const held = grants.filter((grant) => counts(policy, grant));
  return policy.scopes
    .map(({ scope }) => ({
      scope,
      allow: held.filter((g) => g.effect === 'allow' && satisfies(policy, g.scope, scope)),
      deny: held.filter((g) => g.effect === 'deny' && satisfies(policy, scope, g.scope)),
    }))
    .filter(({ allow, deny }) => allow.length + deny.length > 0);
}

import { concerns } from './decide.ts';
import { hasSay, type HeldGrant } from './grant.ts';
import { type Policy } from './scope.ts';

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
  const held = grants.filter((grant) => hasSay(policy, grant));
  return policy.scopes
    .map(({ scope }) => {
      const concerned = held.filter((grant) => concerns(policy, grant, scope));
      return {
        scope,
        allow: concerned.filter(({ effect }) => effect === 'allow'),
        deny: concerned.filter(({ effect }) => effect === 'deny'),
      };
    })
    .filter(({ allow, deny }) => allow.length + deny.length > 0);
}

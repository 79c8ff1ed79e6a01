import {
  builtinPolicy,
  compileGrants,
  type HeldGrant,
  joinGrants,
  type ScopeOf,
} from '@rolecall/policy';
import {
  pinPrincipal,
  type PrincipalHandle,
} from '../../../packages/server/src/access/principal-handle.ts';

/** The scopes of the built-in policy. */
export type Scope = ScopeOf<typeof builtinPolicy>;

/** An allow of one scope on one resource. */
export function allow(principal: string, scope: Scope, id: string, dimensions = {}): HeldGrant {
  return grant('allow', principal, scope, id, dimensions);
}

/** A deny of one scope on one resource. */
export function deny(principal: string, scope: Scope, id: string, dimensions = {}): HeldGrant {
  return grant('deny', principal, scope, id, dimensions);
}

function grant(
  effect: 'allow' | 'deny',
  principal: string,
  scope: Scope,
  id: string,
  dimensions: Readonly<Record<string, string>>,
): HeldGrant {
  const resource_kind = scope.slice(0, scope.indexOf(':'));
  return { principal, scope, effect, selector: { ...dimensions, resource_kind, resource_id: id } };
}

/** The handle that `access.principal` gives to an active member who holds these parts: one per role, and one of its own. */
export function handleOf(parts: readonly (readonly HeldGrant[])[]): PrincipalHandle<Scope> {
  const compiled = parts.map((grants) => compileGrants(builtinPolicy, grants));
  return pinPrincipal<Scope>(
    { organizationId: 'acme', policy: builtinPolicy, token: 'none' },
    {
      principal: 'user:alice',
      standing: { membership: 'active', enforcement: 'enforced' },
      grants: joinGrants(builtinPolicy, compiled, 'acme'),
      blocks: [],
    },
  );
}

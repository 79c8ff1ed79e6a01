import {
  type DirectGrant as WireDirectGrant,
  type EffectiveGrants as WireEffectiveGrants,
  type GrantPayload as WireGrantPayload,
  type HeldGrant as WireHeldGrant,
} from '@rolecall/contract';
import { type GrantPayload, type HeldGrant } from '@rolecall/policy';
import { type EffectiveGrants } from '../../access/index.ts';
import { type DirectGrant } from '../../roles/index.ts';
import { type Defined, defined } from '../defined.ts';

type WireSelectors = NonNullable<WireGrantPayload['selectors']>;

export function toGrantPayloads(
  grants: readonly WireGrantPayload[],
): readonly Defined<WireGrantPayload>[] {
  return grants.map(defined);
}

export function toWireGrantPayloads(grants: readonly GrantPayload[]): WireGrantPayload[] {
  return grants.map(({ scope, effect = 'allow', selectors }) => ({
    scope,
    effect,
    // A selector that is stored has both resource keys.
    ...(selectors !== undefined && { selectors: [...selectors] as WireSelectors }),
  }));
}

export function toWireHeldGrant({
  id,
  principal,
  scope,
  effect,
  selector,
}: HeldGrant): WireHeldGrant {
  return { ...defined({ id }), principal, scope, effect, selector: { ...selector } };
}

export function toWireDirectGrant(grant: DirectGrant): WireDirectGrant {
  return {
    id: grant.id,
    principal: grant.principal,
    scope: grant.scope,
    effect: grant.effect,
    selector: { ...grant.selector },
    created_at: grant.createdAt,
  };
}

export function toWireEffectiveGrants({ scopes, revision }: EffectiveGrants): WireEffectiveGrants {
  const data = scopes.map(({ scope, allow, deny }) => ({
    scope,
    allow: allow.map(toWireHeldGrant),
    deny: deny.map(toWireHeldGrant),
  }));
  return { data, revision };
}

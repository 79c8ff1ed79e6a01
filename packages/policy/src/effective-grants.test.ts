import { expect, it } from 'vitest';
import { builtinPolicy } from './builtin-policy.ts';
import { effectiveGrants } from './effective-grants.ts';
import { type Effect, type HeldGrant } from './grant.ts';

const row = (effect: Effect, scope: string): HeldGrant => ({
  principal: 'user:alice',
  scope,
  effect,
  selector: { resource_kind: scope.split(':')[0] ?? '', resource_id: '*' },
});

it('lists grants under every scope they speak about', () => {
  const write = row('allow', 'mcp:write');
  const deny = row('deny', 'mcp:read');
  expect(effectiveGrants(builtinPolicy, [write, deny])).toEqual([
    { scope: 'mcp:connect', allow: [write], deny: [] },
    { scope: 'mcp:read', allow: [write], deny: [deny] },
    { scope: 'mcp:write', allow: [write], deny: [deny] },
  ]);
});

it('leaves out allows that the policy cannot read', () => {
  expect(effectiveGrants(builtinPolicy, [row('allow', 'mcp:gone')])).toEqual([]);
});

it('lists the internal scope under every declared one', () => {
  const root = { ...row('allow', 'root'), selector: { resource_kind: '*', resource_id: '*' } };
  const scopes = effectiveGrants(builtinPolicy, [root]).map(({ scope }) => scope);
  expect(scopes).toEqual(builtinPolicy.scopes.map(({ scope }) => scope));
});

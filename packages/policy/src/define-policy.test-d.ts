import { builtinPolicy } from './builtin-policy.ts';
import { type Check } from './check.ts';
import { compileGrants, joinGrants } from './compile.ts';
import { decide } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import { type PolicyDefinition } from './policy-definition.ts';
import { filterIds, reach } from './reach.ts';
import { type Policy, type ScopeOf } from './scope.ts';

// Type tests: `tsc` fails when a line marked as an error compiles, or another does not.

type Same<A, B> = [A, B] extends [B, A] ? true : false;
type Holds<T extends true> = T;

const shop = definePolicy({
  kinds: {
    order: {
      actions: { view: {}, refund: { implies: ['view'] } },
      dimensions: { country: { values: ['fi', 'se'] }, store: { required: true } },
    },
    org: { single: true, actions: { read: {} } },
  },
  system_roles: { admin: 'all', member: ['order:view'] },
});

// Scope names are a union of what is declared, nothing wider and nothing narrower.
export type ShopScopes = Holds<
  Same<ScopeOf<typeof shop>, 'order:view' | 'order:refund' | 'org:read'>
>;
export type BuiltinScopes = Holds<
  Same<
    ScopeOf<typeof builtinPolicy>,
    | 'org:read'
    | 'org:admin'
    | 'project:read'
    | 'project:write'
    | 'mcp:connect'
    | 'mcp:read'
    | 'mcp:write'
    | 'environment:read'
    | 'environment:write'
  >
>;

// A misspelt name in a definition does not compile.
definePolicy({
  kinds: {
    order: {
      actions: {
        view: {},
        // @ts-expect-error -- `veiw` is not an action of this kind
        refund: { implies: ['veiw'] },
      },
    },
  },
  system_roles: { admin: 'all', member: [] },
});
definePolicy({
  kinds: {
    order: { actions: { view: {} } },
    invoice: {
      actions: {
        // @ts-expect-error -- implication does not cross kinds
        pay: { implies: ['view'] },
      },
    },
  },
  system_roles: { admin: 'all', member: [] },
});
definePolicy({
  kinds: { order: { actions: { view: {} } } },
  // @ts-expect-error -- `order:veiw` is not declared
  system_roles: { admin: 'all', member: ['order:veiw'] },
});
definePolicy({
  kinds: { order: { actions: { view: {} } } },
  // @ts-expect-error -- both system roles are declared
  system_roles: { admin: 'all' },
});

// A misspelt scope in a check does not compile, whichever way it is asked.
const grants = compileGrants(shop, []);
grants.can('order:refund', 'o1');
// @ts-expect-error -- `order:refnud` is not declared
grants.can('order:refnud', 'o1');
// @ts-expect-error -- the internal scope cannot be checked
grants.can('root', 'o1');
// @ts-expect-error -- `order:refnud` is not declared
grants.decide({ scope: 'order:refnud', resource_id: 'o1' });
// @ts-expect-error -- `order:refnud` is not declared
reach(grants, 'order:refnud');
// @ts-expect-error -- `order:refnud` is not declared
filterIds(grants, 'order:refnud', []);
decide(shop, { membership: 'active', enforcement: 'enforced' }, [], {
  // @ts-expect-error -- `order:refnud` is not declared
  scope: 'order:refnud',
  resource_id: 'o1',
});

// Grants compiled under one policy do not join those of another.
// @ts-expect-error -- the scopes differ
joinGrants(shop, [compileGrants(builtinPolicy, [])]);

// A definition that comes as data has scopes of any name.
declare const data: PolicyDefinition;
export const fromData = definePolicy(data);
export type DataScopes = Holds<Same<ScopeOf<typeof fromData>, string>>;

// Where names come as data, a policy is one of any scopes, and every policy is such a policy.
const anyPolicy: Policy = shop;
const anyCheck: Check = { scope: 'order:view', resource_id: 'o1' };
compileGrants(anyPolicy, []).decide(anyCheck);

// What a policy consists of cannot be changed.
// @ts-expect-error -- readonly
shop.scopes = [];
// @ts-expect-error -- readonly
shop.system_roles.member = [];

import fc from 'fast-check';
import {
  definePolicy,
  type ActionInput,
  type Check,
  type DimensionDefinition,
  type DimensionInput,
  type Effect,
  type Grant,
  type HeldGrant,
  type KindInput,
  type Policy,
  type ScopeDefinition,
  type Selector,
} from '../src/index.ts';

/** How often each property is tried: `ROLECALL_LONG=1` for the long run. */
export const RUNS = process.env['ROLECALL_LONG'] === '1' ? 100_000 : 2_000;
/** The longest that a property may take; fewer tries do not need it. */
export const LONGEST_MS = 3_600_000;

// Few names and ids, so that things meet; among them those that plain objects inherit.
const NAMES = ['read', 'write', 'constructor', '__proto__', 'toString', 'a-b', 'x'];
const IDS = ['a', 'b1', '__proto__', 'constructor', 'hasOwnProperty'];
const VALUES = ['v', 'w', '__proto__'];
export const PRINCIPALS = ['user:u', 'role:one', 'role:two'];

const dimensionInput: fc.Arbitrary<DimensionInput> = fc.record(
  { required: fc.boolean(), values: fc.subarray(VALUES, { minLength: 1 }) },
  { requiredKeys: [] },
);

/** Actions that imply only some of those before them, so that there is no cycle. */
function actionsArb(names: readonly string[]): fc.Arbitrary<Record<string, ActionInput>> {
  const entries = names.map((name, index) =>
    fc
      .subarray(names.slice(0, index), { maxLength: Math.min(2, index) })
      .map((implies): [string, ActionInput] => [name, { implies }]),
  );
  return fc.tuple(...entries).map((pairs) => Object.fromEntries(pairs));
}

const manyActions = Array.from({ length: 40 }, (_, index) => `action-${index}`);

const actionNames = fc.oneof(
  { weight: 9, arbitrary: fc.shuffledSubarray(NAMES, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constant(manyActions) },
);

const kindInput: fc.Arbitrary<KindInput> = fc.record({
  actions: actionNames.chain(actionsArb),
  dimensions: fc.dictionary(fc.constantFrom(...NAMES), dimensionInput, { maxKeys: 3 }),
  single: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

export const policyArb: fc.Arbitrary<Policy> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), kindInput), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name,
  })
  .map((kinds) =>
    definePolicy({
      kinds: Object.fromEntries(kinds),
      system_roles: { admin: 'all', member: [] },
    }),
  );

/** A value that a dimension may have. */
function valueArb({ values }: DimensionDefinition): fc.Arbitrary<string> {
  return fc.constantFrom(...(values ?? VALUES));
}

/** Some of a scope's dimensions with values; the required ones always when asked for. */
function dimensionsArb(
  { dimensions }: ScopeDefinition,
  { withRequired }: { withRequired: boolean },
): fc.Arbitrary<Record<string, string>> {
  return fc
    .subarray([...dimensions])
    .map((some) => dimensions.filter((d) => some.includes(d) || (withRequired && d.required)))
    .chain((chosen) =>
      fc.tuple(...chosen.map((d) => valueArb(d).map((value): [string, string] => [d.name, value]))),
    )
    .map((pairs) => Object.fromEntries(pairs));
}

function scopeArb(policy: Policy): fc.Arbitrary<ScopeDefinition> {
  return fc.constantFrom(...policy.scopes);
}

/** A check that is valid. */
export function checkArb(policy: Policy): fc.Arbitrary<Check> {
  return scopeArb(policy).chain((definition) =>
    fc.record({
      scope: fc.constant(definition.scope),
      resource_id: fc.constantFrom(...IDS),
      dimensions: dimensionsArb(definition, { withRequired: true }),
    }),
  );
}

/** A check that may be invalid in any way. */
export function wildCheckArb(policy: Policy): fc.Arbitrary<Check> {
  return fc.record(
    {
      scope: fc.constantFrom(...policy.scopes.map(({ scope }) => scope), 'root', 'constructor', ''),
      resource_id: fc.constantFrom(...IDS, '', '*'),
      dimensions: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES, '', '*'), {
        maxKeys: 2,
      }),
    },
    { requiredKeys: ['scope', 'resource_id'] },
  );
}

function selectorArb(definition: ScopeDefinition): fc.Arbitrary<Selector> {
  const wildcards = fc
    .subarray(definition.dimensions.map(({ name }) => name))
    .map((names) => Object.fromEntries(names.map((name): [string, string] => [name, '*'])));
  return fc
    .tuple(
      fc.constantFrom(...IDS, '*'),
      fc.oneof(
        { weight: 9, arbitrary: dimensionsArb(definition, { withRequired: false }) },
        { weight: 1, arbitrary: wildcards },
      ),
    )
    .map(([resource_id, dimensions]) => ({
      ...dimensions,
      resource_kind: definition.kind,
      resource_id,
    }));
}

/** A grant that may be stored. */
export function grantArb(policy: Policy, effect: Effect): fc.Arbitrary<Grant> {
  const scopes = policy.scopes.filter(({ single }) => effect === 'allow' || !single);
  return fc.constantFrom(...(scopes.length > 0 ? scopes : policy.scopes)).chain((definition) =>
    selectorArb(definition).map((selector) => ({
      scope: definition.scope,
      // Where nothing can be denied, an allow stands in.
      effect: scopes.length > 0 ? effect : 'allow',
      selector,
    })),
  );
}

/** A row that was valid once: its scope, kind, dimension or value is no longer declared. */
function staleAllowArb(policy: Policy): fc.Arbitrary<Grant> {
  return fc
    .tuple(
      grantArb(policy, 'allow'),
      fc.constantFrom<(grant: Grant) => Grant>(
        (grant) => ({ ...grant, scope: 'gone:read' }),
        (grant) => ({ ...grant, selector: { ...grant.selector, resource_kind: 'gone' } }),
        (grant) => ({ ...grant, selector: { ...grant.selector, gone: 'v' } }),
        (grant) => ({ ...grant, scope: 'root' }),
      ),
    )
    .map(([grant, spoil]) => spoil(grant));
}

const rootGrant: Grant = {
  scope: 'root',
  effect: 'allow',
  selector: { resource_kind: '*', resource_id: '*' },
};

/** The grants of a few principals: mostly storable, sometimes stale, seldom the internal one. */
export function heldGrantsArb(policy: Policy): fc.Arbitrary<HeldGrant[]> {
  const grant = fc.oneof(
    { weight: 20, arbitrary: grantArb(policy, 'allow') },
    { weight: 12, arbitrary: grantArb(policy, 'deny') },
    { weight: 2, arbitrary: staleAllowArb(policy) },
    { weight: 1, arbitrary: fc.constant(rootGrant) },
  );
  const held = fc
    .tuple(fc.constantFrom(...PRINCIPALS), grant)
    .map(([principal, row]) => ({ principal, ...row }));
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(held, { maxLength: 12 }) },
    // Enough for many grants to meet at one resource.
    { weight: 1, arbitrary: fc.array(held, { minLength: 40, maxLength: 80, size: 'max' }) },
  );
}

export interface Situation {
  readonly policy: Policy;
  readonly grants: readonly HeldGrant[];
  readonly check: Check;
}

/** A policy, what is held under it, and a valid check; the check is often about something held. */
export const situationArb: fc.Arbitrary<Situation> = policyArb.chain((policy) =>
  heldGrantsArb(policy).chain((grants) =>
    fc.record({
      policy: fc.constant(policy),
      grants: fc.constant(grants),
      check: checkAmongArb(policy, grants),
    }),
  ),
);

/** A check about any of what is held, or about nothing of it. Only for the one that is picked is anything made. */
function checkAmongArb(policy: Policy, grants: readonly Grant[]): fc.Arbitrary<Check> {
  const kinds = new Set<string | undefined>(policy.kinds.map(({ kind }) => kind));
  const known = grants.filter(({ selector }) => kinds.has(selector.resource_kind));
  return fc
    .constantFrom(undefined, ...known)
    .chain((grant) => (grant === undefined ? checkArb(policy) : checkNearArb(policy, grant)));
}

/** A check of a scope of the kind that a grant is about. */
function checkNearArb(policy: Policy, { selector }: Grant): fc.Arbitrary<Check> {
  const scopes = policy.scopes.filter(({ kind }) => kind === selector.resource_kind);
  return fc.constantFrom(...scopes).chain((definition) =>
    dimensionsArb(definition, { withRequired: true }).map((dimensions) => ({
      scope: definition.scope,
      resource_id: selector.resource_id === '*' ? 'a' : selector.resource_id,
      dimensions,
    })),
  );
}

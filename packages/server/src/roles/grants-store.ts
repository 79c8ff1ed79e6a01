import { type Grant, type Selector } from '@rolecall/policy';
import { type GrantEffect } from '../database/index.ts';

/** A grant as a statement gives it back in JSON: scope, effect, resource id, dimensions. */
export type GrantTuple = readonly [
  scope: string,
  effect: GrantEffect,
  resourceId: string,
  dimensions: Readonly<Record<string, string>>,
];

/** The JSON of a `GrantTuple`, from the columns of grants `g`. */
export const GRANT_TUPLE = 'json_build_array(g.scope, g.effect, g.resource_id, g.dimensions)';

/** A stored grant as the policy has it; the resource kind is the scope's. */
export function toGrant([scope, effect, resourceId, dimensions]: GrantTuple): Grant {
  return { scope, effect, selector: toSelector(scope, resourceId, dimensions) };
}

/** A selector from the columns it is kept in. */
export function toSelector(
  scope: string,
  resourceId: string,
  dimensions: Readonly<Record<string, string>>,
): Selector {
  const kind = scope.slice(0, scope.indexOf(':'));
  return { ...dimensions, resource_kind: kind, resource_id: resourceId };
}

/** Grants as arrays of columns, for `unnest`: scopes, effects, resource ids, dimensions. */
export function grantColumns(grants: readonly Grant[]): readonly (readonly string[])[] {
  return [
    grants.map((grant) => grant.scope),
    grants.map((grant) => grant.effect),
    grants.map((grant) => grant.selector.resource_id),
    grants.map(({ selector }) => dimensionsJson(selector)),
  ];
}

/** The dimensions of a selector as they are stored. */
export function dimensionsJson(selector: Selector): string {
  const dimensions = Object.entries(selector).filter(
    ([key]) => key !== 'resource_kind' && key !== 'resource_id',
  );
  return JSON.stringify(Object.fromEntries(dimensions));
}

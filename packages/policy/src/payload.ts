import { type Effect, type Grant } from './grant.ts';
import { ANY } from './scope.ts';
import { pinsOf, type Selector } from './selector.ts';

/**
 * Grants as a role editor writes them: one scope, many places. Without `selectors` it holds
 * everywhere; with an empty list nowhere. `effect` is `allow` when absent.
 */
export interface GrantPayload {
  readonly scope: string;
  readonly effect?: Effect | undefined;
  readonly selectors?: readonly Readonly<Record<string, string>>[] | undefined;
}

/**
 * Rows as a payload, grouped by scope and effect.
 *
 * INVARIANT (payload round trip): `validateGrants` turns the payload back into the same rows.
 */
export function toGrantPayload(grants: readonly Grant[]): readonly GrantPayload[] {
  const groups = new Map<string, { scope: string; effect: Effect; selectors: Selector[] }>();
  for (const { scope, effect, selector } of grants) {
    const key = `${effect} ${scope}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { scope, effect, selectors: [selector] });
    else group.selectors.push(selector);
  }
  return [...groups.values()].map(({ scope, effect, selectors }) =>
    selectors.every(isEverywhere) ? { scope, effect } : { scope, effect, selectors },
  );
}

function isEverywhere(selector: Selector): boolean {
  return selector.resource_id === ANY && pinsOf(selector).length === 0;
}

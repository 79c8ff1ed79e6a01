import { type Grant, grantKey, hasSay } from '../grant.ts';
import { ANY, type Policy } from '../scope.ts';
import { pinsOf, type Selector } from '../selector.ts';

/**
 * What grants come to, as sorted texts: for each scope that can be checked, the places where they allow or deny
 * it, without those that lie within another.
 *
 * INVARIANT (equal forms, equal decisions): two sets of grants with equal normal forms decide every check alike.
 * Not the other way round: an allow that some deny covers whole still counts.
 */
export function normalForm(policy: Policy, grants: readonly Grant[]): readonly string[] {
  const places = new Map<string, Map<string, Selector>>();
  const note = (of: string, selector: Selector): void => {
    const held = places.get(of) ?? new Map<string, Selector>();
    held.set(placeKey(selector), selector);
    places.set(of, held);
  };
  const unreadable: string[] = [];
  for (const grant of grants) {
    if (!isReadable(policy, grant)) {
      // An allow that cannot be read matches nothing; such a deny refuses every load.
      if (grant.effect === 'deny') unreadable.push(`unreadable ${grantKey(grant)}`);
      continue;
    }
    for (const scope of scopesDecided(policy, grant))
      note(`${grant.effect} ${scope}`, grant.selector);
  }
  const forms = [...places].flatMap(([of, held]) => widest(held).map((key) => `${of} ${key}`));
  return [...new Set([...forms, ...unreadable])].sort();
}

/** The checked scopes that a grant has a say in: an allow those it implies, a deny those that imply it. */
function scopesDecided(policy: Policy, { scope, effect }: Grant): readonly string[] {
  if (effect === 'allow') return [scope, ...(policy.byName.get(scope)?.implies ?? [])];
  const implying = policy.scopes.filter(({ implies }) => implies.includes(scope));
  return [scope, ...implying.map((definition) => definition.scope)];
}

/** The places that lie within no other one. Only such a place can hold another that names the same or no resource. */
function widest(places: ReadonlyMap<string, Selector>): readonly string[] {
  const byResource = new Map<string, [string, Selector][]>();
  for (const place of places) {
    const { resource_id } = place[1];
    const known = byResource.get(resource_id);
    if (known === undefined) byResource.set(resource_id, [place]);
    else known.push(place);
  }
  const everywhere = byResource.get(ANY) ?? [];
  return [...places].flatMap(([key, selector]) => {
    const { resource_id } = selector;
    const beside = resource_id === ANY ? [] : (byResource.get(resource_id) ?? []);
    const isWithin = [...everywhere, ...beside].some(
      ([other, wider]) => other !== key && holds(wider, selector),
    );
    return isWithin ? [] : [key];
  });
}

/** Whether a grant there matches whenever a grant here does: it is narrowed by nothing that this one is not. */
function holds(there: Selector, here: Selector): boolean {
  const pinned = new Map(pinsOf(here).map(({ dimension, value }) => [dimension, value]));
  return pinsOf(there).every(({ dimension, value }) => pinned.get(dimension) === value);
}

function placeKey(selector: Selector): string {
  const pins = pinsOf(selector).map(({ dimension, value }) => [dimension, value]);
  return JSON.stringify([selector.resource_id, ...pins]);
}

function isReadable(policy: Policy, grant: Grant): boolean {
  try {
    return hasSay(policy, grant);
  } catch {
    return false;
  }
}

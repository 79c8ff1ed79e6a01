import { pinsOf, type Selector } from './selector.ts';

export type Effect = 'allow' | 'deny';

/** One row: what may or may not be done, and where. */
export interface Grant {
  readonly scope: string;
  readonly effect: Effect;
  readonly selector: Selector;
}

/** A grant together with who holds it. */
export interface HeldGrant extends Grant {
  readonly principal: string;
  readonly id?: string;
}

/** Text that is equal for two grants exactly when they say the same thing. */
export function grantKey(grant: Grant): string {
  const pins = pinsOf(grant.selector).map((pin) => [pin.dimension, pin.value]);
  pins.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const { resource_kind, resource_id } = grant.selector;
  return JSON.stringify([grant.scope, grant.effect, resource_kind, resource_id, ...pins]);
}

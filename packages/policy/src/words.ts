import { type Check } from './check.ts';
import { quote } from './error.ts';
import { type HeldGrant } from './grant.ts';
import { ANY } from './scope.ts';
import { pinsOf, type Pin } from './selector.ts';

/** A check as a phrase: `` `mcp:read` on `s1` with tool `search` ``. */
export function checkInWords({ scope, resource_id, dimensions = {} }: Check): string {
  const pins = Object.entries(dimensions).map(([dimension, value]) => ({ dimension, value }));
  return `${quote(scope)} on ${quote(resource_id)}${pinsInWords(pins)}`;
}

/** A grant as a phrase: `` `user:alice` allows `project:read` on every `project` ``. */
export function grantInWords({ principal, effect, scope, selector }: HeldGrant): string {
  const verb = effect === 'allow' ? 'allows' : 'denies';
  const { resource_kind, resource_id } = selector;
  const place = resource_id === ANY ? every(resource_kind) : quote(resource_id);
  return `${quote(principal)} ${verb} ${quote(scope)} on ${place}${pinsInWords(pinsOf(selector))}`;
}

function every(kind: string): string {
  return kind === ANY ? 'everything' : `every ${quote(kind)}`;
}

function pinsInWords(pins: readonly Pin[]): string {
  if (pins.length === 0) return '';
  return ` with ${pins.map(({ dimension, value }) => `${dimension} ${quote(value)}`).join(' and ')}`;
}

import type { HeldGrant, Role } from '@rolecall/contract';
import { type Output, printable } from '../output/index.ts';

const SHOWN_PLACES = 8;

/** A role's grants, one line each; of many places the first few are named. */
export function grantLines(
  grants: Role['grants'],
  { style }: Pick<Output, 'style'>,
): readonly string[] {
  if (grants.length === 0) return [style.dim('no grants')];
  return grants.map(({ scope, effect, selectors }) => {
    const places = selectors?.map(place);
    return `${mark(effect, style)} ${style.bold(printable(scope))}  ${whereOf(places, style)}`;
  });
}

/** One row as a line: what it does, where, and by which role or other holder. */
export function heldGrantLine(
  grant: Pick<HeldGrant, 'scope' | 'effect' | 'selector'>,
  { style }: { readonly style: LineStyle },
  holder = '',
): string {
  const where = place(grant.selector);
  const text = where === 'everywhere' ? where : `on ${printable(where)}`;
  const by = holder === '' ? '' : `  ${style.dim(printable(holder))}`;
  return `${mark(grant.effect, style)} ${style.bold(printable(grant.scope))} ${text}${by}`;
}

/** What a line needs of a style. */
type LineStyle = Pick<Output['style'], 'bold' | 'dim' | 'good' | 'bad'>;

function mark(effect: string | undefined, style: LineStyle): string {
  return effect === 'deny' ? style.bad('deny ') : style.good('allow');
}

function whereOf(places: readonly string[] | undefined, style: Output['style']): string {
  if (places === undefined) return 'everywhere';
  if (places.length === 0) return style.dim('nowhere');
  const shown = places.slice(0, SHOWN_PLACES).map(printable).join(', ');
  const rest = places.length - SHOWN_PLACES;
  return rest > 0 ? `${shown} ${style.dim(`and ${rest.toLocaleString('en-US')} more`)}` : shown;
}

/** A selector in short: the id, and any dimensions in brackets. */
function place(selector: Readonly<Record<string, string>>): string {
  const pins = Object.entries(selector)
    .filter(([name]) => name !== 'resource_kind' && name !== 'resource_id')
    .map(([name, value]) => `${name}=${value}`);
  const { resource_id = '*' } = selector;
  const id = resource_id === '*' ? 'everywhere' : resource_id;
  return pins.length === 0 ? id : `${id} [${pins.join(', ')}]`;
}

import { cellMatches } from './cell.ts';
import { requireDimensions } from './check.ts';
import { type CompiledGrants } from './compiled-grants.ts';
import { type Slot } from './layout.ts';
import { type Dimensions } from './selector.ts';
import { type Tables } from './table.ts';

/** The resources for which a check is allowed: all but some, or none but some. */
export type Reach =
  | { readonly everything: true; readonly except: ReadonlySet<string> }
  | { readonly everything: false; readonly ids: ReadonlySet<string> };

/**
 * Every resource that the grants reach, for turning into a condition of a query. An id is in reach
 * exactly when `can` allows it. Takes time linear in the grants of the kind. Throws `invalid_check`.
 */
export function reach<Scope extends string>(
  view: CompiledGrants<Scope>,
  scope: NoInfer<Scope>,
  dimensions?: Dimensions,
): Reach {
  const slot = view.layout.slots.get(scope);
  const { definition } = slot;
  requireDimensions(definition, dimensions);
  const { organizationId } = view;
  if (definition.single && organizationId !== undefined) {
    const allowed = view.can(scope, organizationId, dimensions);
    return { everything: false, ids: new Set(allowed ? [organizationId] : []) };
  }
  const allowed = matchingCells(
    view.parts.map((part) => part.allow),
    slot,
    dimensions,
  );
  const denied = matchingCells(
    view.parts.map((part) => part.deny),
    slot,
    dimensions,
  );
  if (denied.everywhere) return { everything: false, ids: new Set() };
  if (allowed.everywhere) return { everything: true, except: denied.ids };
  for (const id of denied.ids) allowed.ids.delete(id);
  return { everything: false, ids: allowed.ids };
}

/**
 * Those of the ids that the principal may reach, in their order.
 *
 * INVARIANT (filter agrees with check): it is the same as asking `can` for each. Throws `invalid_check`.
 */
export function filterIds<Scope extends string>(
  view: CompiledGrants<Scope>,
  scope: NoInfer<Scope>,
  ids: readonly string[],
  dimensions?: Dimensions,
): readonly string[] {
  return ids.filter((id) => view.can(scope, id, dimensions));
}

interface MatchingCells {
  readonly everywhere: boolean;
  readonly ids: Set<string>;
}

function matchingCells(
  parts: readonly (Tables | undefined)[],
  { table: index, bit }: Slot,
  dimensions: Dimensions | undefined,
): MatchingCells {
  const ids = new Set<string>();
  let everywhere = false;
  for (const tables of parts) {
    const table = tables?.[index];
    if (table === undefined) continue;
    everywhere ||= table.everywhere !== undefined && cellMatches(table.everywhere, bit, dimensions);
    for (const [id, cell] of table.at) {
      if (cellMatches(cell, bit, dimensions)) ids.add(id);
    }
  }
  return { everywhere, ids };
}

import { makeCell, type Cell, type Row } from './cell.ts';
import { CompiledGrants, type Part, type Table } from './compiled-grants.ts';
import { type HeldGrant } from './grant.ts';
import { layoutOf, type Layout } from './layout.ts';
import { ANY, type Policy } from './scope.ts';
import { pinsOf } from './selector.ts';
import { counts } from './validate.ts';

/**
 * Compiles grants for checks that cost a hash look-up, in time linear in their number. Compile what
 * changes together (one role, the direct grants of one user) and put the parts together with
 * `joinGrants`.
 *
 * Allows that the policy cannot read match nothing; such a deny throws `invalid_grant` or
 * `invalid_selector`. The ids of grants are not kept: decisions name grants by what they say.
 */
export function compileGrants<Scope extends string>(
  policy: Policy<Scope>,
  grants: readonly HeldGrant[],
  organizationId?: string,
): CompiledGrants<Scope> {
  const layout = layoutOf(policy);
  return new CompiledGrants(layout, [compilePart(policy, layout, grants)], organizationId);
}

/**
 * One view over several parts, such as the roles of a member and the grants given to them directly.
 * Shares the parts and copies none of their grants: the cost is one reference per part.
 */
export function joinGrants<Scope extends string>(
  policy: Policy<Scope>,
  views: readonly CompiledGrants<Scope>[],
  organizationId?: string,
): CompiledGrants<Scope> {
  const layout = layoutOf(policy);
  for (const view of views) {
    if (view.layout !== layout) throw new TypeError('grants compiled for another policy');
  }
  return new CompiledGrants(
    layout,
    views.flatMap((view) => view.parts),
    organizationId,
  );
}

function compilePart(policy: Policy, layout: Layout, grants: readonly HeldGrant[]): Part {
  const gathered = { allow: new Map<number, RowsById>(), deny: new Map<number, RowsById>() };
  const rows = new RowRegister();
  let size = 0;
  for (const grant of grants) {
    if (!counts(policy, grant)) continue;
    size += 1;
    const { resource_id } = grant.selector;
    for (const { table, mask } of layout.coverage[grant.effect].get(grant.scope) ?? []) {
      const row = rows.of(grant, table, mask);
      const tables = gathered[grant.effect];
      let byId = tables.get(table);
      if (byId === undefined) tables.set(table, (byId = new Map<string, Row | Row[]>()));
      const found = byId.get(resource_id);
      if (found === undefined) byId.set(resource_id, row);
      else if (Array.isArray(found)) found.push(row);
      else byId.set(resource_id, [found, row]);
    }
  }
  const allow = finish(layout, gathered.allow);
  const deny = finish(layout, gathered.deny);
  return { size, allow, deny, byteSize: 0 };
}

type RowsById = Map<string, Row | Row[]>;

/** Gives grants that differ only in their resource the same row. */
class RowRegister {
  readonly #plain = new Map<string, Row>();

  of(grant: HeldGrant, table: number, mask: number): Row {
    const { principal, scope, effect, selector } = grant;
    const pins = pinsOf(selector);
    const row = { principal, scope, effect, kind: selector.resource_kind, pins, mask };
    if (pins.length > 0) return row;
    const key = `${table} ${effect} ${scope} ${principal}`;
    const known = this.#plain.get(key);
    if (known !== undefined) return known;
    this.#plain.set(key, row);
    return row;
  }
}

function finish(layout: Layout, gathered: Map<number, RowsById>): readonly (Table | undefined)[] {
  const tables: (Table | undefined)[] = Array.from({ length: layout.tables }, () => undefined);
  for (const [index, byId] of gathered) {
    const at = new Map<string, Cell>();
    for (const [id, rows] of byId) at.set(id, makeCell(Array.isArray(rows) ? rows : [rows]));
    const everywhere = at.get(ANY);
    at.delete(ANY);
    tables[index] = { everywhere, at };
  }
  return tables;
}

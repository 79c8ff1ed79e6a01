import { mapBytes, recordBytes } from '../byte-size.ts';
import { cellBytes, type Cell, makeCell } from '../cell.ts';
import { CompiledGrants, type Part } from '../compiled-grants.ts';
import { joinGrants } from '../compile.ts';
import { type Policy } from '../scope.ts';
import { type Table, type Tables } from '../table.ts';

/**
 * One view over several parts, as `joinGrants` makes it, with one place to look for each check instead of one
 * per part. It keeps what every part says of every resource once more, without their texts; `byteSize` is what
 * that takes. Throws `invalid_grant` when a view was compiled under another policy.
 *
 * INVARIANT (merge equals join): the answers are those of `joinGrants` on the same views.
 */
export function mergeGrants<Scope extends string>(
  policy: Policy<Scope>,
  views: readonly CompiledGrants<NoInfer<Scope>>[],
  organizationId?: string,
): CompiledGrants<Scope> {
  const { layout, parts } = joinGrants(policy, views, organizationId);
  const merger = new Merger();
  const part: Part = {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    allow: merger.tables(parts.map(({ allow }) => allow)),
    deny: merger.tables(parts.map(({ deny }) => deny)),
    byteSize: recordBytes(4) + merger.byteSize,
  };
  return new CompiledGrants(layout, [part], organizationId);
}

/** The most that merging these views can take, in bytes: what it takes when no two speak of one resource. */
export function mergedBytes(views: readonly CompiledGrants[]): number {
  const parts = views.flatMap((view) => view.parts);
  return (
    recordBytes(4) +
    mergedTablesBytes(parts.map(({ allow }) => allow)) +
    mergedTablesBytes(parts.map(({ deny }) => deny))
  );
}

function mergedTablesBytes(parts: readonly (Tables | undefined)[]): number {
  let bytes = 0;
  for (const tables of tablesByIndex(parts)) {
    const entries = tables.reduce((sum, { at }) => sum + at.size, 0);
    if (tables.length > 1) bytes += mapBytes(entries);
  }
  return bytes;
}

/** What all parts have at each index of the layout. */
function tablesByIndex(parts: readonly (Tables | undefined)[]): readonly (readonly Table[])[] {
  const some = parts.filter((tables) => tables !== undefined);
  const indexes = some[0] ?? [];
  return indexes.map((_, index) =>
    some.map((tables) => tables[index]).filter((table) => table !== undefined),
  );
}

class Merger {
  /** The cell for two others, made once. */
  readonly #pairs = new Map<Cell, Map<Cell, Cell>>();
  byteSize = 0;

  tables(parts: readonly (Tables | undefined)[]): Tables | undefined {
    const byIndex = tablesByIndex(parts);
    return byIndex.length === 0 ? undefined : byIndex.map((tables) => this.#table(tables));
  }

  #table(tables: readonly Table[]): Table | undefined {
    const [first, ...rest] = tables;
    if (first === undefined || rest.length === 0) return first;
    let { everywhere } = first;
    const at = new Map(first.at);
    for (const table of rest) {
      everywhere = this.#both(everywhere, table.everywhere);
      for (const [id, cell] of table.at) at.set(id, this.#both(at.get(id), cell) ?? cell);
    }
    this.byteSize += mapBytes(at.size);
    return { everywhere, at };
  }

  #both(one: Cell | undefined, other: Cell | undefined): Cell | undefined {
    if (one === undefined || other === undefined || one === other) return one ?? other;
    let pairs = this.#pairs.get(one);
    if (pairs === undefined) this.#pairs.set(one, (pairs = new Map<Cell, Cell>()));
    let both = pairs.get(other);
    if (both === undefined) {
      both = makeCell([...one.rows, ...other.rows]);
      pairs.set(other, both);
      this.byteSize += cellBytes(both);
    }
    return both;
  }
}

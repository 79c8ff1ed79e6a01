import { mapBytes, textBytes } from './byte-size.ts';
import { CellRegister } from './cell-register.ts';
import { type Cell } from './cell.ts';
import { type Effect, type HeldGrant } from './grant.ts';
import { type Coverage, type Layout } from './layout.ts';
import { ANY } from './scope.ts';
import { pinsOf } from './selector.ts';

/** What the grants of one effect say about the resources of one kind. */
export interface Table {
  /** What holds at every resource, also at those that have a cell of their own. */
  readonly everywhere: Cell | undefined;
  readonly at: ReadonlyMap<string, Cell>;
}

/** The tables of a layout, each at its index; those without grants are absent. */
export type Tables = readonly (Table | undefined)[];

/** Takes in grants of one effect, one by one, and lays them out in tables. */
export class TableBuilder {
  readonly #coverage: ReadonlyMap<string, readonly Coverage[]>;
  readonly #drafts: (Draft | undefined)[];
  readonly #register = new CellRegister();

  constructor(layout: Layout, effect: Effect) {
    this.#coverage = layout.coverage[effect];
    this.#drafts = Array.from({ length: layout.tables }, () => undefined);
  }

  /** Takes in a grant that has a say. */
  add(grant: HeldGrant): void {
    const pins = pinsOf(grant.selector);
    const id = grant.selector.resource_id;
    for (const coverage of this.#coverage.get(grant.scope) ?? []) {
      const { at, crowded } = this.#draftOf(coverage.table);
      const cell = this.#register.ofOne(grant, pins, coverage);
      const present = at.get(id);
      if (present === undefined) {
        at.set(id, cell);
        continue;
      }
      const cells = crowded.get(id);
      if (cells === undefined) crowded.set(id, [present, cell]);
      else cells.push(cell);
    }
  }

  /** The tables, or none when nothing was added, and an estimate of their memory. */
  finish(): { readonly tables: Tables | undefined; readonly byteSize: number } {
    if (this.#drafts.every((draft) => draft === undefined)) {
      return { tables: undefined, byteSize: 0 };
    }
    const tables = this.#drafts.map((draft) => draft && this.#finishTable(draft));
    const ofTables = tables.reduce((sum, table) => sum + tableBytes(table), 0);
    return { tables, byteSize: this.#register.byteSize + ofTables };
  }

  #finishTable({ at, crowded }: Draft): Table {
    for (const [id, cells] of crowded) at.set(id, this.#register.ofMany(cells));
    const everywhere = at.get(ANY);
    at.delete(ANY);
    return { everywhere, at };
  }

  #draftOf(table: number): Draft {
    let draft = this.#drafts[table];
    if (draft === undefined) {
      draft = { at: new Map<string, Cell>(), crowded: new Map<string, Cell[]>() };
      this.#drafts[table] = draft;
    }
    return draft;
  }
}

/** A table in the making. Resources with several grants wait, with a cell for each, for the end. */
interface Draft {
  readonly at: Map<string, Cell>;
  readonly crowded: Map<string, Cell[]>;
}

function tableBytes(table: Table | undefined): number {
  if (table === undefined) return 0;
  let bytes = mapBytes(table.at.size);
  for (const id of table.at.keys()) bytes += textBytes(id);
  return bytes;
}

import { cellBytes, makeCell, rowBytes, type Cell } from './cell.ts';
import { type HeldGrant } from './grant.ts';
import { type Coverage } from './layout.ts';
import { type Pin } from './selector.ts';

/** Makes every cell once, so that the many resources with the same grants share it. */
export class CellRegister {
  readonly #ofOne = new Map<Coverage, Map<string, Cell>>();
  readonly #ofMany = new Map<string, Cell>();
  readonly #numbers = new Map<Cell, number>();
  #byteSize = 0;

  /** An estimate of the memory of all cells and their rows. */
  get byteSize(): number {
    return this.#byteSize;
  }

  /** The cell of resources where nothing holds but this one grant. */
  ofOne(grant: HeldGrant, pins: readonly Pin[], coverage: Coverage): Cell {
    const { principal, scope, effect, selector } = grant;
    const key = `${spelled(pins)}\n${principal}`;
    let cells = this.#ofOne.get(coverage);
    if (cells === undefined) this.#ofOne.set(coverage, (cells = new Map<string, Cell>()));
    let cell = cells.get(key);
    if (cell === undefined) {
      const { mask } = coverage;
      const row = { principal, scope, effect, kind: selector.resource_kind, pins, mask };
      cell = makeCell([row]);
      cells.set(key, cell);
      this.#numbers.set(cell, this.#numbers.size);
      this.#byteSize += cellBytes(cell) + rowBytes(row);
    }
    return cell;
  }

  /** The cell of resources where the grants of all these cells of one hold. */
  ofMany(cells: readonly Cell[]): Cell {
    const distinct = [...new Set(cells)];
    const key = distinct
      .map((cell) => this.#numbers.get(cell))
      .sort()
      .join();
    let cell = this.#ofMany.get(key);
    if (cell === undefined) {
      cell = makeCell(distinct.flatMap(({ rows }) => rows));
      this.#ofMany.set(key, cell);
      this.#byteSize += cellBytes(cell);
    }
    return cell;
  }
}

// Read from the left, it can be taken apart in one way only, whatever values and principal contain.
function spelled(pins: readonly Pin[]): string {
  return pins.map(({ dimension, value }) => `${dimension} ${value.length} ${value}`).join(' ');
}

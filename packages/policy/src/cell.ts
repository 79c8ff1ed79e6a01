import { type Effect } from './grant.ts';
import { askedValue, comparePins, type Dimensions, type Pin } from './selector.ts';

/** A grant without its resource: what many resources may share. */
export interface Row {
  readonly principal: string;
  readonly scope: string;
  readonly effect: Effect;
  readonly kind: string;
  readonly pins: readonly Pin[];
  /** The scopes it allows or denies, as bits of its table. */
  readonly mask: number;
}

/** What the grants of one effect say at one resource. Resources with the same grants share a cell. */
export interface Cell {
  /** The scopes settled whatever the dimensions. */
  readonly mask: number;
  readonly rows: readonly Row[];
  /** Rows that look at dimensions; most cells have none. */
  readonly narrowed: readonly Narrowed[] | undefined;
}

/** The narrowed rows of a cell whose first dimension is the same, also by its value. */
interface Narrowed {
  readonly dimension: string;
  readonly rows: readonly Row[];
  readonly byValue: ReadonlyMap<string, readonly Row[]>;
}

/** Makes the cell of these rows. */
export function makeCell(rows: readonly Row[]): Cell {
  let mask = 0;
  const narrowed: Row[] = [];
  for (const row of rows) {
    if (row.pins.length === 0) mask |= row.mask;
    else narrowed.push(row);
  }
  return { mask, rows, narrowed: narrowed.length === 0 ? undefined : groupByFirstPin(narrowed) };
}

function groupByFirstPin(rows: readonly Row[]): readonly Narrowed[] {
  const groups = new Map<string, { rows: Row[]; byValue: Map<string, Row[]> }>();
  for (const row of rows) {
    const [first] = row.pins;
    if (first === undefined) continue;
    let group = groups.get(first.dimension);
    if (group === undefined)
      groups.set(first.dimension, (group = { rows: [], byValue: new Map() }));
    group.rows.push(row);
    const sameValue = group.byValue.get(first.value);
    if (sameValue === undefined) group.byValue.set(first.value, [row]);
    else sameValue.push(row);
  }
  return [...groups].map(([dimension, group]) => ({ dimension, ...group }));
}

/** Whether an allow of this cell matches. Allocates nothing. */
export function cellAllows(cell: Cell, bit: number, dimensions: Dimensions | undefined): boolean {
  if ((cell.mask & bit) !== 0) return true;
  if (cell.narrowed === undefined) return false;
  for (const group of cell.narrowed) {
    const asked = askedValue(dimensions, group.dimension);
    const rows = asked === undefined ? group.rows : group.byValue.get(asked);
    if (rows === undefined) continue;
    for (const row of rows) {
      if ((row.mask & bit) !== 0 && comparePins(row.pins, dimensions) !== 'differs') return true;
    }
  }
  return false;
}

/** Whether a deny of this cell matches. Allocates nothing. */
export function cellDenies(cell: Cell, bit: number, dimensions: Dimensions | undefined): boolean {
  if ((cell.mask & bit) !== 0) return true;
  if (cell.narrowed === undefined || dimensions === undefined) return false;
  for (const group of cell.narrowed) {
    const asked = askedValue(dimensions, group.dimension);
    const rows = asked === undefined ? undefined : group.byValue.get(asked);
    if (rows === undefined) continue;
    for (const row of rows) {
      if ((row.mask & bit) !== 0 && comparePins(row.pins, dimensions) === 'agrees') return true;
    }
  }
  return false;
}

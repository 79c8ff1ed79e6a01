import { mapBytes, recordBytes, textBytes } from './byte-size.ts';
import { matches, type Effect } from './grant.ts';
import { askedValue, comparePins, type Dimensions, type Pin } from './selector.ts';

/** A grant without its resource: what the grants at many resources have in common. */
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
  /** The rows that look at dimensions, by the first that they look at. Most cells have none. */
  readonly narrowed: readonly Narrowed[] | undefined;
}

interface Narrowed {
  readonly dimension: string;
  readonly rows: readonly Row[];
  /** The same rows by the value of that dimension, where a look-up beats reading them all. */
  readonly byValue: ReadonlyMap<string, readonly Row[]> | undefined;
}

const FEW = 8;

/** The cell of these rows. */
export function makeCell(rows: readonly Row[]): Cell {
  let mask = 0;
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const [first] = row.pins;
    if (first === undefined) mask |= row.mask;
    else put(groups, first.dimension, row);
  }
  if (groups.size === 0) return { mask, rows, narrowed: undefined };
  const narrowed = [...groups].map(([dimension, group]) => narrow(dimension, group));
  return { mask, rows, narrowed };
}

function narrow(dimension: string, rows: readonly Row[]): Narrowed {
  if (rows.length <= FEW) return { dimension, rows, byValue: undefined };
  const byValue = new Map<string, Row[]>();
  for (const row of rows) put(byValue, row.pins[0]?.value ?? '', row);
  return { dimension, rows, byValue };
}

function put(groups: Map<string, Row[]>, key: string, row: Row): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [row]);
  else group.push(row);
}

/** Whether a grant of this cell matches, as far as its resource goes. Allocates nothing. */
export function cellMatches(cell: Cell, bit: number, dimensions: Dimensions | undefined): boolean {
  if ((cell.mask & bit) !== 0) return true;
  return cell.narrowed !== undefined && narrowedMatches(cell.narrowed, bit, dimensions);
}

// Apart from `cellMatches`, which stays small enough to be inlined wherever it is called.
function narrowedMatches(
  narrowed: readonly Narrowed[],
  bit: number,
  dimensions: Dimensions | undefined,
): boolean {
  for (const group of narrowed) {
    for (const row of rowsToRead(group, askedValue(dimensions, group.dimension))) {
      if ((row.mask & bit) !== 0 && matches(row.effect, comparePins(row.pins, dimensions))) {
        return true;
      }
    }
  }
  return false;
}

function rowsToRead({ rows, byValue }: Narrowed, asked: string | undefined): readonly Row[] {
  return asked === undefined || byValue === undefined ? rows : (byValue.get(asked) ?? NO_ROWS);
}

const NO_ROWS: readonly Row[] = [];

/** An estimate of the memory a cell takes, without its rows. */
export function cellBytes({ rows, narrowed = [] }: Cell): number {
  const groups = narrowed.map(
    ({ rows, byValue }) =>
      recordBytes(3) +
      recordBytes(rows.length) +
      (byValue === undefined ? 0 : mapBytes(byValue.size) + byValue.size * recordBytes(3)),
  );
  return groups.reduce((sum, bytes) => sum + bytes, recordBytes(3) + recordBytes(rows.length));
}

/** An estimate of the memory a row takes, without what it shares with others. */
export function rowBytes({ pins }: Row): number {
  return pins.reduce(
    (sum, { value }) => sum + recordBytes(2) + textBytes(value),
    recordBytes(6) + recordBytes(pins.length),
  );
}

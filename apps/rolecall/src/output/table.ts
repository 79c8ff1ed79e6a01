import type { Style } from './style.ts';
import { padEnd, padStart, printable, truncate, widthOf } from './text.ts';

/** One column of a table: its title and what it shows of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** A column that gives way first when the table is too wide; an id gives way last. */
  readonly shrinks?: boolean;
  readonly style?: (text: string, row: Row) => string;
}

const GAP = 2;
const NARROWEST = 6;

/** The rows as lines of at most `width` columns, under a line of titles. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, style }: { readonly width: number; readonly style: Style },
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = fit(
    columns,
    columns.map((column, index) =>
      Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? ''))),
    ),
    width,
  );
  const titles = columns.map((column) => column.title);
  const header = style.dim(renderLine(columns, titles, widths).trimEnd());
  const lines = cells.map((line, index) => {
    const row = rows[index];
    const paint = (column: Column<Row>, text: string): string =>
      row === undefined || column.style === undefined ? text : column.style(text, row);
    return renderLine(columns, line, widths, paint).trimEnd();
  });
  return [header, ...lines].join('\n');
}

function renderLine<Row>(
  columns: readonly Column<Row>[],
  cells: readonly string[],
  widths: readonly number[],
  paint: (column: Column<Row>, text: string) => string = (_, text) => text,
): string {
  return columns
    .map((column, index) => {
      const width = widths[index] ?? 0;
      const text = truncate(cells[index] ?? '', width);
      const padded = column.align === 'right' ? padStart(text, width) : padEnd(text, width);
      return paint(column, padded);
    })
    .join(' '.repeat(GAP));
}

/** Takes what is too much from the widest shrinking column, again and again, then from any column. */
function fit<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...natural];
  let excess = sum(widths) + GAP * (columns.length - 1) - width;
  for (const candidates of [
    columns.flatMap((column, index) => (column.shrinks === true ? [index] : [])),
    columns.map((_, index) => index),
  ]) {
    while (excess > 0) {
      const widest = Math.max(0, ...candidates.map((index) => widths[index] ?? 0));
      const index = candidates.find((candidate) => widths[candidate] === widest);
      if (index === undefined || widest <= NARROWEST) break;
      widths[index] = widest - 1;
      excess -= 1;
    }
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Pairs of a label and its text, the texts in one column: how one thing is shown. */
export function renderFacts(
  facts: readonly (readonly [label: string, text: string])[],
  style: Style,
): string {
  const width = Math.max(0, ...facts.map(([label]) => widthOf(label)));
  return facts.map(([label, text]) => `${style.dim(padEnd(label, width))}  ${text}`).join('\n');
}

import { describe, expect, it } from 'vitest';
import { createStyle } from './style.ts';
import { type Column, renderFacts, renderTable } from './table.ts';
import { widthOf } from './text.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly size: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'ID', value: (row) => row.id },
  { title: 'NAME', value: (row) => row.name, shrinks: true },
  { title: 'SIZE', value: (row) => String(row.size), align: 'right' },
];
const plain = { width: 100, style: createStyle(false) };

describe('renderTable', () => {
  it('lines columns up by what the eye sees', () => {
    const rows = [
      { id: 'a', name: '王小明', size: 5 },
      { id: 'bb', name: 'Ann', size: 1204 },
    ];
    expect(renderTable(columns, rows, plain).split('\n')).toEqual([
      'ID  NAME    SIZE',
      'a   王小明     5',
      'bb  Ann     1204',
    ]);
  });

  it('takes room from the columns that give way, and never from an id', () => {
    const row = { id: 'i'.repeat(36), name: 'n'.repeat(200), size: 1 };
    const lines = renderTable(columns, [row], plain).split('\n');
    expect(lines.every((line) => widthOf(line) <= 100)).toBe(true);
    expect(lines[1]).toContain(row.id);
    expect(lines[1]).toContain('n…');
  });

  it('stays within its width when even the ids are too long', () => {
    const row = { id: 'i'.repeat(255), name: 'n'.repeat(255), size: 1 };
    const lines = renderTable(columns, [row], plain).split('\n');
    expect(lines.every((line) => widthOf(line) <= 100)).toBe(true);
  });

  it('does not let a name draw on the screen', () => {
    const row = { id: 'a', name: '\u001b[2Jgone', size: 1 };
    expect(renderTable(columns, [row], plain)).not.toContain('\u001b');
  });
});

describe('renderFacts', () => {
  it('puts the texts in one column', () => {
    expect(
      renderFacts(
        [
          ['id', 'x'],
          ['members', '3'],
        ],
        plain.style,
      ),
    ).toBe('id       x\nmembers  3');
  });
});

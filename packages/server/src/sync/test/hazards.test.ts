import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../../..');
const text = readFileSync(join(root, 'docs/hazards.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| [ROIL]\d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** The hazards that are known: so many of each kind. */
const KNOWN = { R: 20, O: 24, I: 30, L: 10 };

const named = rows.flatMap(([, id = '', , , cell = '']) =>
  cell.split('<br>').map((one) => {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(one) ?? [];
    return { id, file, title };
  }),
);

describe('the table of hazards', () => {
  it('has a row for each, with an answer and a test', () => {
    const wanted = Object.entries(KNOWN).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, index) => `${kind}${index + 1}`),
    );
    expect(rows.map(([, id]) => id)).toEqual(wanted);
    expect(rows.filter(([, , hazard, answer]) => hazard === '' || answer === '')).toEqual([]);
  });

  it('names tests that exist', () => {
    const missing = named.filter(({ file, title }) => {
      const path = join(root, file);
      return file === '' || !existsSync(path) || !readFileSync(path, 'utf8').includes(title);
    });
    expect(missing).toEqual([]);
  });
});

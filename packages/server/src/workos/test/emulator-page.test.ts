import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { interpreted, portExceptions, unsupported } from './emulator-exceptions.ts';
import { EMULATOR_VERSION } from './emulator.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../../../../${path}`, import.meta.url), 'utf8');

const rowsOf = (rows: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(rows).map(([what, why]) => `| ${what} | ${why} |`);

describe('the page about the emulator of WorkOS', () => {
  it('names everything that it cannot be asked, with the reason', () => {
    const page = read('docs/workos-emulator.md');
    const shown = page.split('\n').filter((line) => line.startsWith('| '));
    const heads = shown.filter((line) => line.endsWith('| the emulator |') || line.includes('---'));
    const wanted = [portExceptions, interpreted, unsupported].flatMap(rowsOf);
    expect(shown.filter((line) => !heads.includes(line))).toEqual(wanted);
    expect(page).toContain(EMULATOR_VERSION);
  });

  it('leaves out no test of the port but by a name that it has', () => {
    const titles = read('packages/server/src/workos/test/port-conformance.ts');
    const unknown = Object.keys(portExceptions).filter((title) => !titles.includes(`'${title}'`));
    expect(unknown).toEqual([]);
  });
});

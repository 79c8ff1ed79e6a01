import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellLinesOf, withQuickstart } from './quickstart.ts';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const readme = read('README.md');

describe('the README', () => {
  it('begins with the code of the tested example; `npm run docs` brings it up to date', () => {
    expect(readme).toBe(withQuickstart(readme, read('examples/hono-app/src/app.ts')));
    expect(readme).toContain('createRolecall');
  });

  it('names scripts and commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = read('docs/generated/cli.md');
    const lines = shellLinesOf(readme);
    expect(lines.length).toBeGreaterThan(4);
    for (const [, script = ''] of readme.matchAll(
      /npm (?:run )?(start|test|bench|[a-z]+:[a-z]+)\b/g,
    )) {
      expect(Object.keys(scripts)).toContain(script);
    }
    for (const line of lines.filter((one) => one.startsWith('npx rolecall'))) {
      expect(commands).toContain(`## \`rolecall ${line.split(' ')[2] ?? ''}`);
    }
  });

  it('points only at files that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
    expect(targets.length).toBeGreaterThan(8);
    expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { renderReference } from './reference.ts';

const world = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  directory: '.',
};

describe('docs/generated/cli.md', () => {
  it('is what `npm run docs:cli -w apps/rolecall` writes', () => {
    const file = join(import.meta.dirname, '../../../../docs/generated/cli.md');
    const program = createProgram(world, {
      finished: () => undefined,
      complained: () => undefined,
    });
    expect(readFileSync(file, 'utf8')).toBe(renderReference(program));
  });
});

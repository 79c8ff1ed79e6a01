import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BEGIN_FIRST, MOSTLY_WAIT } from './test-order.ts';

const repository = join(import.meta.dirname, '../../..');

it.each([...BEGIN_FIRST, ...MOSTLY_WAIT])('knows when to begin with %s, which is there', (path) => {
  expect(existsSync(join(repository, path))).toBe(true);
});

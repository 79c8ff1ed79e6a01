import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { allRules } from './all-rules.ts';
import type { Verdict } from './run.ts';

/*
 * A safety test that would pass without its rule proves nothing. Each rule's code is replaced here, in memory,
 * and its tests are seen to fail.
 */

let verdicts: readonly Verdict[] = [];

beforeAll(async () => {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'run.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    maxBuffer: 64 * 1024 * 1024,
  });
  verdicts = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"rule"'))
    .map((line) => JSON.parse(line) as Verdict);
}, 1_200_000);

describe('a safety rule that is switched off', () => {
  it.each(allRules.flatMap(({ name, fails }) => fails.map((title) => ({ name, title }))))(
    '$name: is missed by "$title"',
    ({ name, title }) => {
      const found = verdicts.filter((verdict) => verdict.rule === name && verdict.title === title);
      expect(found.map(({ state }) => state)).toEqual(['failed']);
    },
  );
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the first example of the README runs, and the process ends by itself', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(example).toContain('startSimulator');
  const run = spawnSync(
    process.execPath,
    [
      '--input-type=module-typescript',
      '--eval',
      `${example}console.log(workos.state().organizations.length);`,
    ],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8', timeout: 20_000 },
  );
  expect(run.stderr).toBe('');
  expect(run.stdout.trim()).toBe('3');
});

import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';

/** A line such as `alice.can('project:read', 'p1'); // true: because`. */
const CLAIM = /^(.+); \/\/ (\w+)(?::.*)?$/gm;

const page = readFileSync(new URL('../../../docs/access-model.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);

it('the page has examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
});

it.each(examples)('example %# of the page on the access model is true', async (code) => {
  const claims = [...code.matchAll(CLAIM)].map(([, , claim]) => claim);
  expect(claims.length).toBeGreaterThan(0);
  const recorded = code.replaceAll(CLAIM, 'globalThis.results.push(String($1));');
  const { outputFiles } = await build({
    stdin: {
      contents: recorded,
      loader: 'ts',
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    format: 'iife',
    write: false,
  });
  const results: string[] = [];
  runInContext(outputFiles[0]?.text ?? '', createContext({ results }));
  expect(results).toEqual(claims);
});

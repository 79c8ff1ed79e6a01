import { expect, it } from 'vitest';

import { publishedManifest } from './manifest.ts';

it('points every entry at its compiled file and its types', () => {
  const published = publishedManifest({
    name: '@rolecall/server',
    exports: { '.': './src/index.ts', './database': './src/database/index.ts' },
    bin: { rolecall: './src/main.ts' },
  });
  expect(published.exports).toEqual({
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './database': { types: './dist/database/index.d.ts', default: './dist/database/index.js' },
  });
  expect(published.bin).toEqual({ rolecall: './dist/main.js' });
});

it('publishes a launcher as it is', () => {
  const published = publishedManifest({ name: 'a', bin: { a: './bin/a.js' } });
  expect(published).toMatchObject({ bin: { a: './bin/a.js' }, files: ['bin', 'dist'] });
});

it('leaves out what only the repository needs', () => {
  const published = publishedManifest({
    name: 'a',
    devDependencies: {},
    scripts: {},
    license: 'x',
  });
  expect(Object.keys(published)).toEqual(['name', 'license', 'files', 'engines']);
});

it('ships no entry that points outside of the sources', () => {
  const { exports: entries } = publishedManifest({
    name: 'a',
    exports: { '.': './src/index.ts', './test-only': './test/validator.ts' },
  });
  expect(Object.keys(entries ?? {})).toEqual(['.']);
});

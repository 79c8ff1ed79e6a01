import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { generatedFiles } from './generated-files.ts';

it.each(generatedFiles().map((file) => [basename(file.url.pathname), file] as const))(
  '%s is as the contract says; `npm run docs:openapi` rewrites it',
  async (_name, { url, content }) => {
    expect(await readFile(url, 'utf8')).toBe(content);
  },
);

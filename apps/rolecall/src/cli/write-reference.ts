/** Writes docs/generated/cli.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createProgram } from './program.ts';
import { renderReference } from './reference.ts';

const file = join(import.meta.dirname, '../../../../docs/generated/cli.md');
const program = createProgram(
  { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, directory: '.' },
  {
    finished: () => undefined,
    complained: () => undefined,
  },
);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, renderReference(program));

/** Puts the tested quickstart into the README. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withQuickstart } from './quickstart.ts';

const root = join(import.meta.dirname, '../../..');
const readme = join(root, 'README.md');
const source = readFileSync(join(root, 'examples/hono-app/src/app.ts'), 'utf8');
writeFileSync(readme, withQuickstart(readFileSync(readme, 'utf8'), source));

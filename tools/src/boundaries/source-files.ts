import { globSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const repositoryRoot: string = join(import.meta.dirname, '../../..');

/** Every TypeScript file that ships, from the root of the repository: no tests, no fixtures. */
export function listSourceFiles(root: string = repositoryRoot): string[] {
  return globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })
    .filter((file) => !/\.test(-d)?\.tsx?$|\/test\/|\/fixtures\//.test(file))
    .sort();
}

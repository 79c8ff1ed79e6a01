import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The version of Temporal's development server that the tests run on. */
export const VERSION = '1.9.1';

/** Where the server is kept, outside of the repository. */
export const folder = join(homedir(), '.cache/rolecall-temporal', VERSION);
const kept = join(folder, 'bin/temporal');

/** The path of the server, or nothing where `npm run temporal:server` has not brought it. */
export function findProgram(): string | undefined {
  const named = process.env['ROLECALL_TEST_TEMPORAL'];
  if (named !== undefined && named !== '') return named;
  return existsSync(kept) ? kept : undefined;
}

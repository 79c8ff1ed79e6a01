import { migrationStatus } from '@rolecall/server/database';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { count } from '../output/index.ts';

/** Makes sure that the schema is that of this version, and changes nothing. Throws a `CliError`. */
export async function requireMigrations(url: string): Promise<void> {
  const { pending } = await migrationStatus(url);
  if (pending.length === 0) return;
  throw new CliError(
    exitCodes.notMigrated,
    'migrations_pending',
    `the database lacks ${count(pending.length, 'migration')}, from \`${pending[0] ?? ''}\` on`,
    { advice: 'apply them with `rolecall migrate`, or start with --migrate' },
  );
}

import { type Database, migrationStatus, query } from '../database/index.ts';
import { outage, RolecallError } from '../errors/index.ts';

/** Resolves when requests can be answered. Throws `database_unavailable`. */
export type Readiness = () => Promise<void>;

/**
 * Asks the database each time. Its migrations are looked at until they have been found complete: a newer
 * version that migrates further while this one still runs does not make this one unready.
 */
export function createReadiness(database: Database): Readiness {
  let migrated: Promise<void> | undefined;
  return async () => {
    await query(database.db, { text: 'SELECT 1' });
    migrated ??= requireMigrated(database.url).catch((error: unknown) => {
      migrated = undefined;
      throw error;
    });
    await migrated;
  };
}

async function requireMigrated(url: string): Promise<void> {
  const pending = await migrationStatus(url).then(
    (status) => status.pending.length,
    (error: unknown) => {
      if (error instanceof RolecallError) throw error;
      throw unfit(error);
    },
  );
  if (pending > 0) throw unfit(new Error(`${pending} migrations are pending`));
}

function unfit(cause: unknown): RolecallError {
  return outage(
    'database_unavailable',
    'the database has another schema than this version',
    5,
    cause,
  );
}

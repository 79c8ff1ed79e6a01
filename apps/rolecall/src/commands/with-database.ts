import type { Policy } from '@rolecall/policy';
import { createRolecall, type Rolecall, type WorkosConnection } from '@rolecall/server';
import { type Database, openDatabase } from '@rolecall/server/database';
import { reachDatabase, requireMigrations } from '../database/index.ts';
import { createSteps } from '../output/index.ts';
import type { Session } from '../session/index.ts';

/** What a command needs beyond the database. */
export interface Surroundings {
  readonly policy?: Policy;
  readonly workos?: WorkosConnection;
  /** The longest that one statement may take; as long as in a server unless told otherwise, 0 for no limit. */
  readonly statementTimeoutMs?: number;
}

/**
 * Works on the database itself, without a running Rolecall and without a key: whoever can reach the database may.
 * Throws a `CliError` when there is no database, or not with the schema of this version.
 */
export async function withDatabase<T>(
  session: Session,
  work: (rolecall: Rolecall, database: Database) => Promise<T>,
  { statementTimeoutMs, ...surroundings }: Surroundings = {},
): Promise<T> {
  const reached = await createSteps(session.output).run(
    'Reaching the database',
    (say) => reachDatabase(session.config(), { create: false, say }),
    () => undefined,
  );
  try {
    await requireMigrations(reached.url);
    const database = openDatabase({
      url: reached.url,
      applicationName: 'rolecall command',
      ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
    });
    const rolecall = createRolecall({ database, ...surroundings });
    try {
      return await work(rolecall, database);
    } finally {
      await rolecall.close();
      await database.close();
    }
  } finally {
    await reached.release();
  }
}

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Database,
  type DatabaseOptions,
  type Db,
  openDatabase,
} from '@rolecall/server/database';
import { Pool } from 'pg';
import { databaseUrl, quoteIdentifier } from './admin-connection.ts';
import { testServer } from './test-server.ts';

/** A database of one's own, empty and migrated. */
export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  readonly db: Db;
  /** Closes and drops it. Throws when somebody has left a transaction open in it. */
  readonly close: () => Promise<void>;
}

export interface TestDatabaseOptions extends Omit<DatabaseOptions, 'url'> {
  /** Start without any table, as a database is before its first migration. */
  readonly empty?: boolean;
  /** Of an empty database; the server's own unless told otherwise. */
  readonly locale?: string;
}

/** A copy of the migrated template; one per test file is the habit. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { empty = false, locale, ...databaseOptions } = options;
  const server = testServer();
  const name = `${server.prefix}${randomBytes(6).toString('hex')}`;
  const admin = adminConnection();
  const template = quoteIdentifier(empty ? 'template0' : server.template);
  const suffix =
    locale === undefined ? '' : ` ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE '${locale}'`;
  // Copying the files is the cheaper strategy where nothing is flushed: no page goes through shared buffers.
  const copy = `TEMPLATE ${template} STRATEGY FILE_COPY`;
  await admin.query(`CREATE DATABASE ${quoteIdentifier(name)} ${copy}${suffix}`);
  const url = databaseUrl(server.url, name);
  const database = openDatabase({
    maxConnections: 5,
    applicationName: name,
    ...databaseOptions,
    url,
  });
  const close = async (): Promise<void> => {
    const open = await openTransactions(admin, name);
    await database.close();
    // Nobody waits for the files to be removed; the connection keeps the order.
    void admin.query(`DROP DATABASE ${quoteIdentifier(name)} WITH (FORCE)`).catch(() => undefined);
    if (open.length > 0)
      throw new Error(`a transaction was left open after \`${open.join('`, `')}\``);
  };
  return { url, database, db: database.db, close };
}

let shared: Pool | undefined;

/** One connection per test process, so that its statements keep their order; it lets the process end. */
function adminConnection(): Pool {
  shared ??= new Pool({
    connectionString: testServer().url,
    application_name: 'rolecall testkit',
    max: 1,
    allowExitOnIdle: true,
  });
  return shared;
}

/** The last statements of the transactions that stay open in a database. */
async function openTransactions(admin: Pool, name: string): Promise<readonly string[]> {
  let open: readonly string[] = [];
  // A connection that was given up takes a moment to be noticed by the server.
  for (const waitMs of [0, 50, 250]) {
    await sleep(waitMs);
    const { rows } = await admin.query<{ readonly query: string }>(
      `SELECT query FROM pg_stat_activity
         WHERE datname = $1 AND backend_type = 'client backend' AND xact_start IS NOT NULL`,
      [name],
    );
    open = rows.map((row) => row.query);
    if (open.length === 0) break;
  }
  return open;
}

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
import { keepDatabase, type KeptDatabase, takeKeptDatabase } from './kept-databases.ts';
import { testServer } from './test-server.ts';

/** A database of one's own, empty and migrated. */
export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  readonly db: Db;
  /** Empties it for another test, or drops it. Throws when somebody has left a transaction open in it. */
  readonly close: () => Promise<void>;
}

export interface TestDatabaseOptions extends Omit<DatabaseOptions, 'url'> {
  /** Start without any table, as a database is before its first migration. */
  readonly empty?: boolean;
  /** Of an empty database; the server's own unless told otherwise. */
  readonly locale?: string;
}

const MAX_CONNECTIONS = 5;

/** A copy of the migrated template, or one that was emptied; one per test file is the habit. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { empty = false, locale, ...databaseOptions } = options;
  const { maxConnections = MAX_CONNECTIONS, ...unusual } = databaseOptions;
  if (empty || Object.keys(unusual).length > 0) {
    const name = await copyTemplate(empty ? 'template0' : testServer().template, locale);
    const database = openTestDatabase(name, { maxConnections, ...unusual });
    const close = async (): Promise<void> => drop(name, database, await usersOf(name));
    return { url: database.url, database, db: database.db, close };
  }
  const one = takeKeptDatabase(maxConnections) ?? (await makeKeepable(maxConnections));
  return handOut(one);
}

async function makeKeepable(maxConnections: number): Promise<KeptDatabase> {
  const name = await copyTemplate(testServer().template);
  const database = openTestDatabase(name, { maxConnections });
  const { rows } = await adminConnection().query<{ readonly since: string }>(
    'SELECT pg_current_xact_id()::text AS since',
  );
  return { name, database, maxConnections, since: rows[0]?.since ?? '' };
}

/** Gives the database to a test until that closes it. What the test has left running finds a closed one then. */
function handOut(one: KeptDatabase): TestDatabase {
  const { database, name } = one;
  let db = database.db;
  const lent = new Proxy(database.db, {
    get: (_, key) => {
      const value: unknown = Reflect.get(db, key);
      return typeof value === 'function' ? (value.bind(db) as unknown) : value;
    },
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    db = closedDatabase().db;
    const users = await usersOf(name);
    if (users.length === 0 && (await keepDatabase(one))) return;
    await drop(name, database, users);
  };
  return {
    url: database.url,
    database: { ...database, db: lent },
    db: lent,
    close: () => (closing ??= close()),
  };
}

function openTestDatabase(name: string, options: Omit<DatabaseOptions, 'url'>): Database {
  return openDatabase({
    applicationName: name,
    ...options,
    url: databaseUrl(testServer().url, name),
  });
}

let closedOne: Database | undefined;

function closedDatabase(): Database {
  if (closedOne === undefined) {
    closedOne = openDatabase({ url: testServer().url });
    void closedOne.close();
  }
  return closedOne;
}

async function copyTemplate(template: string, locale?: string): Promise<string> {
  const name = `${testServer().prefix}${randomBytes(6).toString('hex')}`;
  const suffix =
    locale === undefined ? '' : ` ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE '${locale}'`;
  // Copying the files is the cheaper strategy where nothing is flushed: no page goes through shared buffers.
  const copy = `TEMPLATE ${quoteIdentifier(template)} STRATEGY FILE_COPY`;
  await adminConnection().query(`CREATE DATABASE ${quoteIdentifier(name)} ${copy}${suffix}`);
  return name;
}

async function drop(name: string, database: Database, users: readonly User[]): Promise<void> {
  const open = users.flatMap(({ transaction }) => transaction ?? []);
  const closed = database.close();
  // A connection that is not given back would be waited for without end.
  if (open.length === 0) await closed;
  // Nobody waits for the files to be removed; the connection keeps the order.
  const statement = `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`;
  void adminConnection()
    .query(statement)
    .catch(() => undefined);
  if (open.length > 0)
    throw new Error(`a transaction was left open after \`${open.join('`, `')}\``);
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

/** A connection that is still open, other than those of the test database itself while they do nothing. */
interface User {
  /** The last statement of the transaction that it has left open. */
  readonly transaction: string | null;
}

/** Who goes on using a database after a moment, which the server needs to notice who has left. */
async function usersOf(name: string): Promise<readonly User[]> {
  let users: readonly User[] = [];
  for (const waitMs of [0, 20, 50, 250]) {
    await sleep(waitMs);
    const { rows } = await adminConnection().query<User>(
      `SELECT CASE WHEN xact_start IS NOT NULL THEN query END AS transaction FROM pg_stat_activity
         WHERE datname = $1 AND backend_type = 'client backend'
           AND (xact_start IS NOT NULL OR application_name <> $1)`,
      [name],
    );
    users = rows;
    if (users.length === 0) break;
  }
  return users;
}

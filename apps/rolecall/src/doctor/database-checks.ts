import {
  checkDatabase,
  type Database,
  type DatabaseReport,
  query,
} from '@rolecall/server/database';
import { type Finding, fail, ok, warn } from './finding.ts';

const CLOCK_TOLERANCE_MS = 2_000;
const LONG_TRANSACTION_S = 15 * 60;

/** Looks at what the server is and how it is set, whatever is stored in it. */
export async function checkServer(database: Database): Promise<readonly Finding[]> {
  const report = await checkDatabase(database.db);
  return [
    ok('database', `PostgreSQL ${report.serverVersion}, ${report.maxConnections} connections`),
    judgeEncoding(report),
    judgeExtensions(report),
    judgeSearch(report),
    judgeDurability(report),
    judgePrimary(report),
    judgePooler(report),
    judgeClock(report),
    await checkTransactions(database),
  ];
}

function judgeEncoding({ encoding }: DatabaseReport): Finding {
  if (encoding === 'UTF8') return ok('encoding', 'the database is in UTF-8');
  return fail(
    'encoding',
    `the database is in ${encoding}`,
    'move the data to a database in UTF-8: names come in every script',
  );
}

function judgeExtensions({ extensions }: DatabaseReport): Finding {
  const missing = extensions.filter(({ installed }) => installed === null);
  const names = extensions.map(({ name }) => name).join(' and ');
  if (missing.length === 0) return ok('extensions', `${names} are installed`);
  const statements = missing.map(({ name }) => `CREATE EXTENSION ${name};`).join(' ');
  return fail(
    'extensions',
    `missing: ${missing.map(({ name }) => name).join(', ')}`,
    missing.every(({ available }) => available !== null)
      ? `run, as a superuser: ${statements}`
      : 'install the contrib package of PostgreSQL, then run the migrations again',
  );
}

function judgeSearch({ trigramsOfAnyScript, ctype }: DatabaseReport): Finding {
  if (trigramsOfAnyScript) return ok('search', `members are found in every script (${ctype})`);
  return warn(
    'search',
    `members are found by Latin letters only (${ctype})`,
    'move the data to a database with a UTF-8 ctype, such as C.UTF-8',
  );
}

function judgeDurability({ durable }: DatabaseReport): Finding {
  if (durable) return ok('durability', 'what is acknowledged is on disk');
  return fail(
    'durability',
    'a crash of the machine may lose writes that were acknowledged, or more',
    'turn fsync, full_page_writes and synchronous_commit on',
  );
}

function judgePrimary({ readOnly }: DatabaseReport): Finding {
  if (!readOnly) return ok('primary', 'the server takes writes');
  return fail('primary', 'the server takes no writes', 'set DATABASE_URL to the primary');
}

function judgePooler({ connectionsAreShared, preparedStatements }: DatabaseReport): Finding {
  if (preparedStatements === 'broken') {
    return fail(
      'pooler',
      'the pooler in front of the database loses prepared statements',
      'upgrade it (PgBouncer 1.21 and max_prepared_statements), or connect directly',
    );
  }
  return ok(
    'pooler',
    connectionsAreShared ? 'in transaction mode, and it works' : 'none in between',
  );
}

function judgeClock({ clockAheadMs }: DatabaseReport): Finding {
  if (Math.abs(clockAheadMs) <= CLOCK_TOLERANCE_MS) return ok('clock', 'the clocks agree');
  const seconds = `${(Math.abs(clockAheadMs) / 1000).toFixed(1)} s`;
  return warn(
    'clock',
    `the database's clock is ${seconds} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine's`,
    'let both follow a time server: audit events carry the time of the database',
  );
}

async function checkTransactions(database: Database): Promise<Finding> {
  const [row] = await query<{ readonly seconds: number }>(database.db, {
    text: `
      SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8 AS seconds
        FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  });
  const seconds = row?.seconds ?? 0;
  if (seconds < LONG_TRANSACTION_S) return ok('transactions', 'none is open for long');
  return warn(
    'transactions',
    `one is open for ${Math.floor(seconds / 60)} minutes`,
    'find it in pg_stat_activity: it holds back vacuum, and with it the speed of every list',
  );
}

import { type Db, poolOf, query } from './reader.ts';
import { type PoolSession } from './session.ts';
import { sqlState, sqlStateOf } from './sqlstate.ts';

/** An extension that the schema needs; a version is null where there is none. */
export interface ExtensionReport {
  readonly name: string;
  readonly installed: string | null;
  readonly available: string | null;
}

/** What matters here about a server and a database; it judges nothing but what is written beside. */
export interface DatabaseReport {
  readonly serverVersion: string;
  readonly encoding: string;
  readonly ctype: string;
  /** Upper and lower case of every script are known; search needs it for names that are not Latin. */
  readonly ctypeIsUtf8: boolean;
  /** Names that are not Latin are found by substring. */
  readonly trigramsOfAnyScript: boolean;
  readonly extensions: readonly ExtensionReport[];
  /** A standby, or otherwise read-only. */
  readonly readOnly: boolean;
  /** What was committed survives a crash of the server. */
  readonly durable: boolean;
  readonly maxConnections: number;
  /** How far the database's clock is ahead of ours, in milliseconds; negative when it is behind. */
  readonly clockAheadMs: number;
  /** One connection of ours is served by several of the server: a pooler in transaction mode. */
  readonly connectionsAreShared: boolean;
  /** `broken`: switch them off, because the pooler in between does not track them. */
  readonly preparedStatements: 'working' | 'broken' | 'off';
}

const EXTENSIONS = ['btree_gin', 'pg_trgm'];

/** Looks at the database, for people who operate the service. Throws `database_unavailable` when it is away. */
export async function checkDatabase(db: Db): Promise<DatabaseReport> {
  const facts = await readFacts(db);
  const extensions = await readExtensions(db);
  const withTrigrams = extensions.some(
    ({ name, installed }) => name === 'pg_trgm' && installed !== null,
  );
  return {
    ...facts,
    extensions,
    trigramsOfAnyScript: withTrigrams && (await hasTrigramsOfAnyScript(db)),
    ...(await probeConnections(poolOf(db))),
  };
}

type Facts = Omit<
  DatabaseReport,
  'extensions' | 'trigramsOfAnyScript' | 'connectionsAreShared' | 'preparedStatements'
>;

async function readFacts(db: Db): Promise<Facts> {
  const [row] = await query<Omit<Facts, 'clockAheadMs'> & { readonly now: string }>(db, {
    text: `
      SELECT current_setting('server_version') AS "serverVersion",
             current_setting('server_encoding') AS encoding,
             datctype AS ctype,
             lower('ÄЯΩ') = 'äяω' AND '字я' ~ '^[[:alnum:]]+$' AS "ctypeIsUtf8",
             pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS "readOnly",
             current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean
               AND current_setting('synchronous_commit') <> 'off' AS durable,
             current_setting('max_connections')::int AS "maxConnections",
             clock_timestamp() AS now
        FROM pg_database WHERE datname = current_database()`,
  });
  if (row === undefined) throw new Error('a database that does not know itself');
  const { now, ...facts } = row;
  return { ...facts, clockAheadMs: Date.parse(now) - Date.now() };
}

async function readExtensions(db: Db): Promise<readonly ExtensionReport[]> {
  return query<ExtensionReport>(db, {
    text: `
      SELECT wanted AS name, installed_version AS installed, default_version AS available
        FROM unnest($1::text[]) AS wanted LEFT JOIN pg_available_extensions ON name = wanted
        ORDER BY 1`,
    values: [EXTENSIONS],
  });
}

/** Found where the extension is, which need not be on the search path. */
async function hasTrigramsOfAnyScript(db: Db): Promise<boolean> {
  const [place] = await query<{ readonly schema: string }>(db, {
    text: `SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_trgm'`,
  });
  if (place === undefined) return false;
  const [row] = await query<{ readonly found: boolean }>(db, {
    text: `
      SELECT bool_and(cardinality(${place.schema}.show_trgm(word)) > 0) AS found
        FROM unnest(ARRAY['читатель', '读者们', 'قارئ']) AS word`,
  });
  return row?.found ?? false;
}

/**
 * A pooler in transaction mode gives a connection that has become free to whoever asks next. So one
 * connection prepares, another begins a transaction, and the first finds out whether it was moved.
 */
async function probeConnections(
  pool: PoolSession,
): Promise<Pick<DatabaseReport, 'connectionsAreShared' | 'preparedStatements'>> {
  const backend = { name: 'rolecall_probe', text: 'SELECT pg_backend_pid() AS pid' };
  const one = await pool.checkOut();
  try {
    const other = await pool.checkOut();
    try {
      const before = await one.run(backend);
      await other.run({ text: 'BEGIN' });
      const after = await one.run(backend).catch((error: unknown) => {
        if (error instanceof Error && isStatementLost(error.cause)) return undefined;
        throw error;
      });
      const moved = after === undefined || after.rows[0]?.['pid'] !== before.rows[0]?.['pid'];
      const working = pool.options.preparedStatements ? 'working' : 'off';
      return {
        connectionsAreShared: moved,
        preparedStatements: after === undefined ? 'broken' : working,
      };
    } finally {
      // Its transaction ends with it.
      other.giveUp();
      other.release();
    }
  } finally {
    one.release();
  }
}

function isStatementLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === sqlState.invalidStatementName || state === sqlState.duplicatePreparedStatement;
}

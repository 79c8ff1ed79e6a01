import { type ClientConfig, Pool } from 'pg';
import { bindDb, type Db } from './reader.ts';
import { PipelinedConnections } from './pipelined-connections.ts';
import { PoolSession } from './session.ts';
import { valueParsers } from './value-parsers.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most; 10 unless told otherwise. */
  readonly maxConnections?: number;
  /** How the connections are called in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** The longest that one statement may take; 30 s unless told otherwise, 0 for no limit. */
  readonly statementTimeoutMs?: number;
  /** The longest wait for a free connection, and for a new one; 5 s unless told otherwise. */
  readonly checkoutTimeoutMs?: number;
  /**
   * Off behind a pooler in transaction mode that does not track prepared statements. Time limits are then
   * set in each transaction instead of on the connection.
   */
  readonly preparedStatements?: boolean;
  /**
   * Connections, besides those of the pool, that prepared statements outside of transactions share; 2
   * unless told otherwise, 0 to send them through the pool. Without prepared statements there are none.
   */
  readonly pipelinedConnections?: number;
  /** Told about a connection that broke while nobody used it. */
  readonly onIdleConnectionLost?: (error: Error) => void;
}

/** An open pool of connections. */
export interface Database {
  readonly db: Db;
  readonly pool: Pool;
  readonly url: string;
  /** Waits for what is running and closes every connection; may be called more than once. */
  readonly close: () => Promise<void>;
}

/** A transaction that stops talking is ended by the server, so that the locks it holds are not held for ever. */
const IDLE_IN_TRANSACTION_MS = 60_000;
const READ_TIMEOUT_MARGIN_MS = 5_000;

const DEFAULTS = {
  maxConnections: 10,
  applicationName: 'rolecall',
  statementTimeoutMs: 30_000,
  checkoutTimeoutMs: 5_000,
  preparedStatements: true,
  pipelinedConnections: 2,
  onIdleConnectionLost: (): void => undefined,
};

/** Opens a pool. Nothing is connected before the first statement, so a database that is away is no error here. */
export function openDatabase(options: DatabaseOptions): Database {
  const resolved = { ...DEFAULTS, ...options };
  const config = clientConfig(options);
  // A pooler may give each of two statements that are sent together to another server process.
  const pipeline = resolved.preparedStatements;
  const pool = new Pool({
    ...config,
    pipeline,
    max: resolved.maxConnections,
    idleTimeoutMillis: 30_000,
  });
  // Without these listeners a connection that is cut off would end the process.
  pool.on('error', (error) => {
    resolved.onIdleConnectionLost(error);
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  const pipelined =
    resolved.preparedStatements && resolved.pipelinedConnections > 0
      ? new PipelinedConnections(config, resolved.pipelinedConnections)
      : undefined;
  const session = new PoolSession(pool, {
    begin: beginStatement(resolved),
    preparedStatements: resolved.preparedStatements,
    pipeline,
    pipelined,
  });
  let closing: Promise<void> | undefined;
  return {
    db: bindDb(session),
    pool,
    url: options.url,
    close: () => (closing ??= closeAll(pool, pipelined)),
  };
}

async function closeAll(pool: Pool, pipelined: PipelinedConnections | undefined): Promise<void> {
  await Promise.all([pool.end(), pipelined?.close()]);
}

/** What one `pg` client needs to behave like those of the pool; for a connection that must stand alone. */
export function clientConfig(options: DatabaseOptions): ClientConfig {
  const { url, applicationName, statementTimeoutMs, checkoutTimeoutMs, preparedStatements } = {
    ...DEFAULTS,
    ...options,
  };
  return {
    connectionString: url,
    application_name: applicationName,
    types: valueParsers,
    keepAlive: true,
    connectionTimeoutMillis: checkoutTimeoutMs,
    // The server ends a slow statement; this is for a server that no longer answers at all.
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + READ_TIMEOUT_MARGIN_MS }),
    ...(preparedStatements && {
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    }),
  };
}

function beginStatement(options: {
  readonly preparedStatements: boolean;
  readonly statementTimeoutMs: number;
}): string {
  const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED';
  if (options.preparedStatements) return begin;
  return `${begin};
    SET LOCAL statement_timeout = ${options.statementTimeoutMs};
    SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`;
}

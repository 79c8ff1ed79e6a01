import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { defect } from '../errors/index.ts';
import { type Session } from './session.ts';

const COMMANDS_THAT_COUNT: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Lets Kysely send its statements to a session. Transactions are begun by `inTransaction` alone. */
export function sessionDialect(session: Session): Dialect {
  return {
    createDriver: () => new SessionDriver(session),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

class SessionDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(session: Session) {
    this.#connection = {
      executeQuery: (compiled) => execute(session, compiled),
      streamQuery: () => {
        throw defect('results are not streamed: read pages by key instead');
      },
    };
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  beginTransaction(): Promise<void> {
    return Promise.reject(defect('a transaction is begun by `inTransaction`'));
  }

  commitTransaction(): Promise<void> {
    return this.beginTransaction();
  }

  rollbackTransaction(): Promise<void> {
    return this.beginTransaction();
  }
}

async function execute<Row>(session: Session, compiled: CompiledQuery): Promise<QueryResult<Row>> {
  const result = await session.run({ text: compiled.sql, values: compiled.parameters });
  const rows = result.rows as Row[];
  return COMMANDS_THAT_COUNT.has(result.command)
    ? { rows, numAffectedRows: BigInt(result.rowCount ?? 0) }
    : { rows };
}

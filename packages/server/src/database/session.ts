import { type Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { defect, outage } from '../errors/index.ts';
import { connectFailure, judgeStatementFailure } from './failures.ts';

/** One SQL statement. A name makes it a prepared one: parsed and planned once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export type StatementResult = QueryResult<Record<string, unknown>>;

/** Whatever statements can be sent to: the pool, or the one connection of a transaction. */
export interface Session {
  readonly run: (statement: Statement) => Promise<StatementResult>;
}

/** The statement as the driver takes it; its name is left out where nothing is to be prepared. */
export function toQueryConfig({ name, text, values }: Statement, prepare: boolean): QueryConfig {
  return {
    text,
    ...(prepare && name !== undefined && { name }),
    ...(values !== undefined && { values: [...values] }),
  };
}

export interface PoolSessionOptions {
  /** What begins a transaction; it carries the settings that a pooler keeps from a connection. */
  readonly begin: string;
  readonly preparedStatements: boolean;
  /** Where prepared statements go when they stand alone. */
  readonly pipelined: Session | undefined;
}

/** Sends each statement to any free connection, and hands out a connection for a transaction. */
export class PoolSession implements Session {
  readonly options: PoolSessionOptions;
  readonly #pool: Pool;

  constructor(pool: Pool, options: PoolSessionOptions) {
    this.#pool = pool;
    this.options = options;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    const { pipelined } = this.options;
    if (statement.name !== undefined && pipelined !== undefined) return pipelined.run(statement);
    const connection = await this.checkOut();
    try {
      return await connection.run(statement);
    } finally {
      connection.release();
    }
  };

  /** A connection of one's own until it is released. Throws `database_unavailable`, `shutting_down`. */
  async checkOut(): Promise<Connection> {
    if (this.#pool.ending) throw outage('shutting_down', 'the database pool is closed', 1);
    try {
      return new Connection(await this.#pool.connect(), this.options.preparedStatements);
    } catch (error) {
      throw connectFailure(error);
    }
  }
}

/** A connection that is out of the pool; one that broke is destroyed instead of going back. */
export class Connection implements Session {
  readonly #client: PoolClient;
  readonly #preparedStatements: boolean;
  #lost = false;

  constructor(client: PoolClient, preparedStatements: boolean) {
    this.#client = client;
    this.#preparedStatements = preparedStatements;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    try {
      return await this.#client.query(toQueryConfig(statement, this.#preparedStatements));
    } catch (error) {
      const failure = judgeStatementFailure(error);
      if (failure.connectionLost) this.#lost = true;
      throw failure.error;
    }
  };

  /** Makes sure that the connection is destroyed when it is released. */
  giveUp(): void {
    this.#lost = true;
  }

  release(): void {
    this.#client.release(this.#lost);
  }
}

/** The statements of one transaction, one after the other; none is taken once it has ended. */
export class TransactionSession implements Session {
  readonly #connection: Connection;
  #last: Promise<unknown> = Promise.resolve();
  #running = 0;
  #ended = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    if (this.#ended) throw defect('a transaction was used after its end');
    this.#running += 1;
    const before = this.#last;
    const result = before.then(() => this.#connection.run(statement));
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#running -= 1;
    }
  };

  /** Takes no more statements; resolves to how many nobody had waited for. */
  async end(): Promise<number> {
    this.#ended = true;
    const unawaited = this.#running;
    await this.#last;
    return unawaited;
  }
}

import { type Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { outage } from '../errors/index.ts';
import { connectFailure, judgeStatementFailure } from './failures.ts';
import { Gathering } from './gathering.ts';

/** One SQL statement. A name makes it a prepared one: parsed and planned once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /**
   * Does no harm if it turns out to stand alone, so in a transaction it need not wait for the answer to BEGIN:
   * a read, or a write that says nothing by itself.
   */
  readonly harmless?: true;
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
  /** Whether a connection sends a statement before the one in front of it is answered. */
  readonly pipeline: boolean;
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
      return new Connection(await this.#pool.connect(), this.options);
    } catch (error) {
      throw connectFailure(error);
    }
  }
}

/** A connection that is out of the pool; one that broke is destroyed instead of going back. */
export class Connection implements Session {
  /** Whether statements may be sent before those in front of them are answered. */
  readonly pipeline: boolean;
  readonly #client: PoolClient;
  readonly #gathering: Gathering;
  readonly #preparedStatements: boolean;
  #lost = false;

  constructor(
    client: PoolClient,
    { preparedStatements, pipeline }: Pick<PoolSessionOptions, 'preparedStatements' | 'pipeline'>,
  ) {
    this.#client = client;
    this.#gathering = new Gathering(client);
    this.#preparedStatements = preparedStatements;
    this.pipeline = pipeline;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    if (this.pipeline) this.#gathering.begin();
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

import { type Db, type Statement } from '../../../src/database/index.ts';
import { bindDb, poolOf } from '../../../src/database/reader.ts';
import { type Connection, type PoolSession } from '../../../src/database/session.ts';

/** A `Db` that keeps every statement that it is sent, inside of transactions too. */
export interface RecordingDb {
  readonly db: Db;
  /** Each statement once, by its text, with the values of its first time. */
  readonly statements: ReadonlyMap<string, Statement>;
}

export function recordStatements(db: Db): RecordingDb {
  const pool = poolOf(db);
  const statements = new Map<string, Statement>();
  const note = (statement: Statement): void => {
    if (!statements.has(statement.text)) statements.set(statement.text, statement);
  };
  const recorded = {
    options: pool.options,
    run: (statement: Statement) => {
      note(statement);
      return pool.run(statement);
    },
    checkOut: async () => {
      const connection = await pool.checkOut();
      const noting: Pick<Connection, 'run' | 'release' | 'giveUp'> = {
        run: (statement) => {
          note(statement);
          return connection.run(statement);
        },
        release: () => {
          connection.release();
        },
        giveUp: () => {
          connection.giveUp();
        },
      };
      return noting as Connection;
    },
  };
  return { db: bindDb(recorded as unknown as PoolSession), statements };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { defect } from '../errors/index.ts';
import { collisionOutage, isCollision } from './failures.ts';
import { bindTx, type Db, poolOf, type Tx } from './reader.ts';
import { type Connection, TransactionSession } from './session.ts';

const MAX_RETRIES = 3;
const RETRY_SPREAD_MS = 50;

/**
 * Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it throws.
 * Runs it again, up to three times, after a deadlock or serialization failure, so it must have no effect
 * outside of the transaction. Throws `database_unavailable` when the database is away; after a commit
 * that was cut off nobody knows whether it took effect.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await attemptTransaction(db, work);
    } catch (error) {
      if (!isCollision(error)) throw error;
      if (attempt === MAX_RETRIES) throw collisionOutage(error);
      await sleep(Math.random() * RETRY_SPREAD_MS * 2 ** attempt);
    }
  }
}

async function attemptTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const pool = poolOf(db);
  const connection = await pool.checkOut();
  try {
    await connection.run({ text: pool.options.begin });
    const session = new TransactionSession(connection);
    try {
      const value = await work(bindTx(session));
      await commit(connection, session);
      return value;
    } catch (error) {
      await session.end();
      await rollBack(connection);
      throw error;
    }
  } finally {
    connection.release();
  }
}

async function commit(connection: Connection, session: TransactionSession): Promise<void> {
  const unawaited = await session.end();
  if (unawaited > 0) throw defect(`a transaction ended before ${unawaited} of its statements`);
  const { command } = await connection.run({ text: 'COMMIT' });
  // PostgreSQL answers COMMIT with ROLLBACK when a statement of the transaction has failed.
  if (command === 'ROLLBACK')
    throw defect('a transaction went on after one of its statements failed');
}

/** A connection whose rollback fails may still be inside the transaction: nobody else gets it. */
async function rollBack(connection: Connection): Promise<void> {
  try {
    await connection.run({ text: 'ROLLBACK' });
  } catch {
    connection.giveUp();
  }
}

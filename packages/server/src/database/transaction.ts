import { setTimeout as sleep } from 'node:timers/promises';
import { defect } from '../errors/index.ts';
import { collisionOutage, isCollision } from './failures.ts';
import { bindTx, type Db, poolOf, type Tx } from './reader.ts';
import { type Connection, type StatementResult } from './session.ts';
import { TransactionSession } from './transaction-session.ts';

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
  const session = new TransactionSession(connection, pool.options.begin);
  let trailing: Promise<unknown> | undefined;
  try {
    const value = await work(bindTx(session));
    await session.close();
    const committing = connection.run({ text: 'COMMIT' });
    trailing = sendTrailing(connection, session, committing);
    await requireCommit(session, committing);
    return value;
  } catch (error) {
    const first = session.failure?.error ?? error;
    await session.abandon();
    await rollBack(connection);
    throw first;
  } finally {
    if (trailing === undefined) connection.release();
    else
      void trailing.then(() => {
        connection.release();
      });
  }
}

/** Throws what kept the transaction from being committed. */
async function requireCommit(
  session: TransactionSession,
  committing: Promise<StatementResult>,
): Promise<void> {
  const { command } = await committing;
  await session.settle();
  if (session.failure !== undefined) throw session.failure.error;
  // PostgreSQL answers COMMIT with ROLLBACK when a statement of the transaction has failed.
  if (command === 'ROLLBACK')
    throw defect('a transaction went on after one of its statements failed');
}

/** What goes behind the commit, whose caller does not wait for it; resolves when the connection is free. */
async function sendTrailing(
  connection: Connection,
  { afterCommit }: TransactionSession,
  committing: Promise<StatementResult>,
): Promise<void> {
  const settled: Promise<unknown>[] = [committing];
  for (const statement of afterCommit) {
    if (!connection.pipeline) await Promise.allSettled(settled);
    settled.push(connection.run(statement));
  }
  await Promise.allSettled(settled);
}

/** A connection whose rollback fails may still be inside the transaction: nobody else gets it. */
async function rollBack(connection: Connection): Promise<void> {
  try {
    await connection.run({ text: 'ROLLBACK' });
  } catch {
    connection.giveUp();
  }
}

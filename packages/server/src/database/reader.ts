import { Kysely } from 'kysely';
import { sessionDialect } from './kysely-dialect.ts';
import { type PoolSession, type Statement } from './session.ts';
import { type Tables } from './tables.ts';
import { type TransactionSession } from './transaction-session.ts';

const SESSION: unique symbol = Symbol('session');

/** The database outside any transaction: every statement stands alone. */
export type Db = Kysely<Tables> & { readonly [SESSION]: PoolSession };

/** A transaction that is open. What must be atomic demands one; a `Db` is never taken for it. */
export type Tx = Kysely<Tables> & { readonly [SESSION]: TransactionSession };

/** What only reads does not care whether it is inside a transaction. */
export type Reader = Db | Tx;

/** A `Db` that sends its statements to this pool. */
export function bindDb(session: PoolSession): Db {
  return Object.assign(buildKysely(session), { [SESSION]: session });
}

/** A `Tx` that sends its statements to this transaction. */
export function bindTx(session: TransactionSession): Tx {
  return Object.assign(buildKysely(session), { [SESSION]: session });
}

/** The pool behind a `Db`. */
export function poolOf(db: Db): PoolSession {
  return db[SESSION];
}

/**
 * The rows of one raw statement. `Row` is the caller's word for what the statement selects; a name makes
 * it a prepared statement and must always come with the same text.
 */
export async function query<Row>(reader: Reader, statement: Statement): Promise<Row[]> {
  const result = await reader[SESSION].run(statement);
  return result.rows as Row[];
}

/**
 * Sends a statement of a transaction whose answer nobody needs, and does not wait for it: the next one goes with
 * it in one round trip. When it fails, the transaction fails with its error, whatever comes after it.
 */
export function post(tx: Tx, statement: Statement): void {
  tx[SESSION].post(statement);
}

/**
 * Sends a statement behind the commit, in the same round trip, outside of any transaction. Nobody waits for it
 * and nobody hears of its failure; it runs also when the commit fails, so it must look for itself.
 */
export function sendAfterCommit(tx: Tx, statement: Statement): void {
  tx[SESSION].sendAfterCommit(statement);
}

function buildKysely(session: PoolSession | TransactionSession): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: sessionDialect(session) }).withSchema('rolecall');
}

import { outage, type RolecallError } from '../errors/index.ts';
import { sqlState, sqlStateOf } from './sqlstate.ts';

/*
 * What a failed statement or a failed connect means:
 *
 *   unavailable  the database is away, full, or read-only: an outage, and the connection is given up
 *   overloaded   the statement took too long or waited too long: an outage, the connection is good
 *   collision    deadlock or serialization failure: the transaction may be run again
 *   other        the statement's own fault; passed on as it is
 */
type Failure = 'unavailable' | 'overloaded' | 'collision' | 'other';

/** SQLSTATEs, or their first two characters, that say that this connection or server is of no use now. */
const UNAVAILABLE_STATES = [
  '08', // the connection broke
  '28', // the password is being changed
  '53', // too many connections, out of memory, disk full
  '57P', // shut down, crashed, starting up, dropped
  '58', // the system under the server failed
  '3D000', // the database does not exist (yet)
  '25P03', // idle in a transaction for too long
  sqlState.readOnlyTransaction, // a standby, or a primary that was demoted
] as const;

/** Prepared statements that the other end has lost or changed; a new connection is without them. */
const STALE_STATEMENT_STATES: readonly string[] = [
  sqlState.duplicatePreparedStatement,
  sqlState.invalidStatementName,
];

const SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // the folder of a Unix socket
  'EMFILE',
]);

/** What `pg` says, without any code, when a connection is no more. */
const DRIVER_MESSAGE =
  /^(connection terminated|client has encountered a connection error|client was closed|query read timeout|timeout expired)/i;

/** What became of a statement: the error to throw, and whether its connection may be used again. */
export interface StatementFailure {
  readonly error: unknown;
  readonly connectionLost: boolean;
}

/** Judges an error of a statement. Outages become `database_unavailable`; all else stays as it is. */
export function judgeStatementFailure(error: unknown): StatementFailure {
  switch (classify(error)) {
    case 'unavailable':
      return { error: unavailable(error, 2), connectionLost: true };
    case 'overloaded':
      return { error: unavailable(error, 1), connectionLost: false };
    case 'collision':
    case 'other':
      return { error, connectionLost: false };
  }
}

/** The outage for a connection that could not be had, whatever the reason. */
export function connectFailure(error: unknown): RolecallError {
  return unavailable(
    error,
    error instanceof Error && error.message.includes('when trying to connect') ? 1 : 2,
  );
}

/** The outage for a transaction that met others too often. */
export function collisionOutage(error: unknown): RolecallError {
  return outage('database_unavailable', 'the database is too busy with this row', 1, error);
}

/** Whether the whole transaction may be run again, because it changed nothing and met another one. */
export function isCollision(error: unknown): boolean {
  return classify(error) === 'collision';
}

function unavailable(cause: unknown, retryAfterSeconds: number): RolecallError {
  return outage('database_unavailable', 'the database is not available', retryAfterSeconds, cause);
}

function classify(error: unknown): Failure {
  const state = sqlStateOf(error);
  if (state === undefined) return isBrokenConnection(error) ? 'unavailable' : 'other';
  if (state === sqlState.deadlockDetected || state === sqlState.serializationFailure) {
    return 'collision';
  }
  if (state === sqlState.queryCanceled) return 'overloaded';
  if (STALE_STATEMENT_STATES.includes(state) || isStalePlan(error, state)) return 'unavailable';
  return UNAVAILABLE_STATES.some((start) => state.startsWith(start)) ? 'unavailable' : 'other';
}

/** A migration has changed a table under a prepared statement. */
function isStalePlan(error: unknown, state: string): boolean {
  return (
    state === sqlState.featureNotSupported &&
    error instanceof Error &&
    error.message.startsWith('cached plan')
  );
}

function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && SYSTEM_CODES.has(error.code))
    return true;
  return DRIVER_MESSAGE.test(error.message);
}

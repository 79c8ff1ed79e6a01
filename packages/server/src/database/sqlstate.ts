import { DatabaseError } from 'pg';

/** The SQLSTATEs that this code tells apart, each named once. */
export const sqlState = {
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  integrityConstraintViolation: '23000',
  featureNotSupported: '0A000',
  duplicatePreparedStatement: '42P05',
  invalidStatementName: '26000',
  readOnlyTransaction: '25006',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
} as const;

/** The SQLSTATE of an error that PostgreSQL sent; none when the error came from anywhere else. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** The name of the constraint that a statement violated, when the error says one. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.constraint : undefined;
}

/** Whether a row would have repeated a key; of `constraint` only, when one is named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return violates(error, sqlState.uniqueViolation, constraint);
}

/** Whether a row would have pointed at nothing, or left one that points at it. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return violates(error, sqlState.foreignKeyViolation, constraint);
}

/** Whether a row broke a CHECK. */
export function isCheckViolation(error: unknown, constraint?: string): boolean {
  return violates(error, sqlState.checkViolation, constraint);
}

/** Whether a lock was not had within `lock_timeout`, or at once under NOWAIT. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === sqlState.lockNotAvailable;
}

function violates(error: unknown, state: string, constraint: string | undefined): boolean {
  return (
    sqlStateOf(error) === state &&
    (constraint === undefined || violatedConstraint(error) === constraint)
  );
}

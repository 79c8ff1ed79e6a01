/** Why the schema cannot be brought up to date. A person who operates the service acts on it. */
export type MigrationErrorCode =
  | 'postgres_too_old' // the server is older than the oldest supported version
  | 'migration_changed' // a file differs from the one that was applied
  | 'database_newer' // the database has a migration that this code does not know
  | 'migration_out_of_order' // a file was slipped in before one that is already applied
  | 'migration_failed'; // a statement of a migration failed; nothing of it was kept

/** An error of the migration runner. `advice` says what a person can do about it. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;
  readonly advice: string;

  constructor(code: MigrationErrorCode, message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.advice = advice;
  }
}

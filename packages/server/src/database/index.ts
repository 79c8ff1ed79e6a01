/** PostgreSQL: connections, `Db` and `Tx` as different types, migrations. Knows nothing of roles. */
export {
  clientConfig,
  type Database,
  type DatabaseOptions,
  openDatabase,
} from './open-database.ts';
export {
  openOwnConnection,
  type OwnConnection,
  type OwnConnectionOptions,
} from './own-connection.ts';
export { type Db, post, query, type Reader, sendAfterCommit, type Tx } from './reader.ts';
export { type Statement } from './session.ts';
export { inTransaction } from './transaction.ts';
export {
  type MigrationOptions,
  type MigrationProgress,
  type MigrationStatus,
  migrationStatus,
  runMigrations,
} from './migrate.ts';
export { MigrationError, type MigrationErrorCode } from './migration-error.ts';
export {
  isCheckViolation,
  isForeignKeyViolation,
  isLockTimeout,
  isUniqueViolation,
  sqlState,
  sqlStateOf,
  violatedConstraint,
} from './sqlstate.ts';
export {
  type ApiKeyScope,
  type EnforcementState,
  type GrantEffect,
  type JsonValue,
  type LegacyState,
  type MembershipStatus,
  type RoleKind,
  type SyncEntityKind,
  type SyncState,
  type Tables,
} from './tables.ts';
export { listSchema } from './schema-listing.ts';
export { checkDatabase, type DatabaseReport, type ExtensionReport } from './check-database.ts';

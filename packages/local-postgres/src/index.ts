/** A private PostgreSQL from the binaries that npm delivers: create, start, stop, one owner at a time. */
export {
  type LocalPostgres,
  type LocalPostgresOptions,
  type StartStep,
  startLocalPostgres,
} from './start-local-postgres.ts';
export { type StopMode } from './server-process.ts';
export {
  LocalPostgresError,
  type LocalPostgresErrorCode,
  type LocalPostgresErrorDetails,
} from './local-postgres-error.ts';

/** What wakes the work up: the port, and the runner that needs nothing but PostgreSQL. */
export { createPostgresRunner, type PostgresRunnerOptions } from './postgres-runner.ts';
export { type RunnerReport, type SyncRunner } from './runner.ts';
export { EnvironmentGuard, WrongEnvironment } from './environment-guard.ts';

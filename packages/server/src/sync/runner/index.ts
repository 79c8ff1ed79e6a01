/** What wakes the work up: the port, what every runner does, and the runner that needs nothing but PostgreSQL. */
export { createPostgresRunner, type PostgresRunnerOptions } from './postgres-runner.ts';
export {
  EngineAway,
  type MakeRunner,
  type RunnerGround,
  type RunnerReport,
  type SyncRunner,
} from './runner.ts';
export { type Doing, type Outcome, Routines, type RoutinesOptions } from './routines.ts';
export { comparisons, type TimedWork, timetable } from './timetable.ts';
export { ChangeListener, type ChangeListenerOptions } from './change-listener.ts';
export { KeyedQueue, type KeyedQueueOptions } from './keyed-queue.ts';
export { nextDueInOrganizationMs } from '../entity/index.ts';
export { readDatabaseIdentity } from '../drain/index.ts';
export { EnvironmentGuard, WrongEnvironment } from './environment-guard.ts';

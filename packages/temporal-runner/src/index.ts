/** The sync on Temporal: one workflow for each organization, behind the port that every runner has. */
export {
  reachTemporal,
  type TemporalConnection,
  type TemporalServer,
  type TlsParticulars,
} from './connection.ts';
export { temporalRunner, type TemporalRunnerOptions } from './temporal-runner.ts';

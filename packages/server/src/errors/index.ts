/** Errors: one class with a closed code, in three species. Knows nothing of HTTP or SQL. */
export {
  defect,
  type ErrorDetails,
  type ErrorSpecies,
  hasCode,
  outage,
  type Problem,
  refusal,
  RolecallError,
} from './rolecall-error.ts';

/** READ: principals resolved for one request, checks, filters and explanations, from memory or the database. */
export { answerChecks, answerFilter } from './answer.ts';
export { type Access, createAccess } from './access.ts';
export { type AccessOptions, type FreshnessOptions, type MemoryOptions } from './access-options.ts';
export {
  type CheckRequest,
  type CheckResult,
  type EffectiveGrants,
  type ExplainRequest,
  type ExplainResult,
  type FilterRequest,
  type FilterResult,
} from './check-request.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Consistency, type ReadOptions } from './consistency.ts';
export { type LoadedPrincipal } from './load-store.ts';
export { type KeptKey, type KeyMemory } from './memory/index.ts';
export { type GrantBlock, readGrants } from './load-text.ts';
export { loadPrincipal } from './load-principal.ts';
export { type DecisionRecorder, type RecordedHandle } from './decision-recorder.ts';
export { type PrincipalHandle } from './principal-handle.ts';
export { type AccessReport, type FreshnessReport, type MemoryReport } from './report.ts';
export { decodeRevision, encodeRevision, type Revision, type Written } from './revision.ts';

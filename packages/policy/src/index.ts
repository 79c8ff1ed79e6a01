/** The access model as pure functions: scopes, grants, checks and decisions. */
export { PolicyError, type PolicyErrorCode, type PolicyErrorDetails } from './error.ts';
export type {
  CheckProblem,
  GrantProblem,
  PolicyProblem,
  PrincipalProblem,
  SelectorProblem,
} from './error.ts';
export { ANY, ROOT } from './scope.ts';
export type {
  DimensionDefinition,
  KindDefinition,
  Policy,
  ScopeDefinition,
  ScopeOf,
  SystemRole,
} from './scope.ts';
export { definePolicy } from './define-policy.ts';
export type {
  ActionInput,
  DimensionInput,
  KindInput,
  PolicyDefinition,
} from './policy-definition.ts';
export { builtinPolicy, organizationKind } from './builtin-policy.ts';
export { satisfies } from './implication.ts';
export { formatPrincipal, parsePrincipal, type Principal } from './principal.ts';
export { type Dimensions, type Selector } from './selector.ts';
export { grantKey, type Effect, type Grant, type HeldGrant } from './grant.ts';
export { toGrantPayload, type GrantPayload } from './payload.ts';
export { validateCheck, type Check } from './check.ts';
export {
  classifyStored,
  inspectGrants,
  validateGrants,
  validateSelector,
  type Place,
  type StoredProblem,
} from './validate.ts';
export {
  settle,
  standingAnswer,
  type Decision,
  type Enforcement,
  type Membership,
  type Reason,
  type Standing,
} from './decision.ts';
export { type GrantReason, type Verdict } from './verdict.ts';
export { decide } from './decide.ts';
export { compileGrants, joinGrants } from './compile.ts';
export { type CompiledGrants } from './compiled-grants.ts';
export { filterIds, reach, type Reach } from './reach.ts';
export { effectiveGrants, type EffectiveScope } from './effective-grants.ts';
export { explain, type Explanation } from './explain.ts';
export { type NearMiss, type Obstacle } from './near-miss.ts';

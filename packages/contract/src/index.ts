/** What crosses the wire: schemas, error codes, limits and the OpenAPI routes. */
export { type ErrorCode, errorCodes } from './error-codes.ts';
export { limits } from './limits.ts';
export { Problem } from './problem.ts';
export {
  type ProblemKind,
  problemKinds,
  type ProblemStatus,
  problemType,
} from './problem-kinds.ts';
export {
  type AnyEndpoint,
  type Answer,
  type Endpoint,
  errorsOf,
  type KeyScope,
  type Method,
  type Tag,
} from './endpoint.ts';
export { allEndpoints, endpoints, type OperationId } from './endpoints.ts';
export { buildOpenApiDocument, type OpenApiDocument } from './openapi.ts';
export { type Page } from './page.ts';
export {
  type ApiKey,
  type CreatedApiKey,
  createApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
} from './api-keys.ts';
export { type AuditEvent, listAuditEvents } from './audit-events.ts';
export { type AuditHead, exportAuditEvents, getAuditHead } from './audit-history.ts';
export {
  type Check,
  check,
  type CheckRequest,
  type CheckResult,
  type Consistency,
  explain,
  type ExplainRequest,
  filter,
  type FilterRequest,
  type FilterResult,
} from './checks.ts';
export { type Decision, type Explanation } from './decisions.ts';
export {
  type DecisionSettings,
  type DecisionSettingsChange,
  getDecisionSettings,
  listDecisions,
  type LoggedDecision,
  reportShadow,
  setDecisionSettings,
  type ShadowedDecision,
} from './decision-log.ts';
export {
  type Enforcement,
  type EnforcementChange,
  getEnforcement,
  setEnforcement,
} from './enforcement.ts';
export {
  createGrants,
  deleteGrants,
  type DirectGrant,
  type DirectGrants,
  type Effect,
  type GrantPayload,
  type HeldGrant,
  listGrants,
  type Selector,
} from './grants.ts';
export { type ImportDocument, importOrganization, type ImportResult } from './import.ts';
export {
  addMember,
  type EffectiveGrants,
  getMember,
  listEffectiveGrants,
  listMembers,
  type Member,
  type NewMember,
  removeMember,
  type RoleSet,
  setMemberRoles,
} from './members.ts';
export { healthz, metrics, Readiness, readyz } from './operations.ts';
export {
  createOrganization,
  type EnforcementState,
  getOrganization,
  listOrganizations,
  type NewOrganization,
  type Organization,
  type OrganizationChange,
  updateOrganization,
} from './organizations.ts';
export {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  type NewRole,
  type Role,
  type RoleChange,
  updateRole,
} from './roles.ts';
export { listScopes, type ScopeCatalogue } from './scopes.ts';
export {
  chooseSyncSide,
  findSyncDrift,
  getSyncSettings,
  getSyncStatus,
  listSyncEntities,
  listSyncEvents,
  releaseSyncBrake,
  repairSync,
  replaySyncEvents,
  retrySyncEntity,
  updateSyncSettings,
} from './sync.ts';
export {
  type HeldEvent,
  type SyncDrift,
  type SyncEntity,
  type SyncSettings,
  type SyncStatus,
} from './sync-records.ts';
export { receiveWebhook } from './webhooks.ts';

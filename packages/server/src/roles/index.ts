/** The write side: one file per command, each one transaction with every guard; and the lists of what was written. */
export {
  getOrganization,
  listOrganizations,
  type Organization,
  type OrganizationFilter,
} from '../identity/index.ts';
export { addMember } from './add-member.ts';
export { type ApiKey, type CreatedApiKey, type NewApiKey } from './api-key.ts';
export { readEnvironmentRetention } from './audit-retention-store.ts';
export { authenticateApiKey } from './authenticate-api-key.ts';
export { type CommandContext, type Committed } from './command.ts';
export { createApiKey } from './create-api-key.ts';
export { createGrants } from './create-grants.ts';
export { createOrganization, type NewOrganization } from './create-organization.ts';
export { createRole } from './create-role.ts';
export { deleteGrant, deleteGrants } from './delete-grants.ts';
export { deleteRole, type RoleDeletion } from './delete-role.ts';
export { type DirectGrant, type DirectGrants } from './direct-grant.ts';
export { type Enforcement, getEnforcement, preflight, setEnforcement } from './enforcement.ts';
export { type ChosenKey, ensureApiKey } from './ensure-api-key.ts';
export { type ImportDocument, importOrganization, type ImportResult } from './import/index.ts';
export {
  backfillLegacy,
  type BackfillOptions,
  type BackfillProgress,
  type BackfillReport,
  type BackfillShare,
  cutOverLegacy,
  findUnmapped,
  getLegacyStatus,
  importLegacyRows,
  type LegacyDifference,
  type LegacyEnvironment,
  type LegacyImport,
  type LegacyStatus,
  type LegacyVerification,
  openLegacy,
  planBackfill,
  type PrincipalGrantRow,
  purgeLegacy,
  type RefusedRow,
  rollBackLegacy,
  settleLegacySlug,
  type Settlement,
  type UnmappedReason,
  type UnmappedSlug,
  verifyLegacy,
  type VerifyOptions,
} from './legacy/index.ts';
export { listApiKeys } from './list-api-keys.ts';
export { listGrants } from './list-grants.ts';
export { listMembers, type MemberFilter } from './list-members.ts';
export { listRoles, type RoleFilter } from './list-roles.ts';
export { type Member, type NewMember } from './member.ts';
export {
  closeMirror,
  keepingWatch,
  mirrorAuthor,
  mirrorMembership,
  mirrorMembershipEnd,
  mirrorMembershipFacts,
  mirrorRole,
  type MirroredRoleSet,
  mirrorRoleEnd,
  mirrorRoleFields,
  mirrorRoleSet,
  type MirrorTraces,
} from './mirror.ts';
export { mirrorSuspensions } from './mirror-suspensions.ts';
export {
  mirrorEnvironmentRole,
  mirrorEnvironmentRoleEnd,
  mirrorOrganizationName,
  mirrorUserEnd,
} from './mirror-environment.ts';
export { type MirroredRole, holdSlug, releaseSlug } from './mirror-store.ts';
export { type Preflight, type PreflightItem } from './preflight.ts';
export { getMember } from './read-members.ts';
export { getRole } from './read-roles.ts';
export { type KeyCommitted } from './record-api-key.ts';
export { purgeHistory, type PurgeOptions } from './purge-history.ts';
export { removeMember } from './remove-member.ts';
export { revokeApiKey } from './revoke-api-key.ts';
export { type NewRole, type Role, type RoleChange } from './role.ts';
export {
  type AuditRetention,
  getAuditRetention,
  type RetentionChange,
  setAuditRetention,
  setEnvironmentAuditRetention,
} from './set-audit-retention.ts';
export { type MemberRoles, setMemberRoles } from './set-member-roles.ts';
export { type OrganizationChange, updateOrganization } from './update-organization.ts';
export { updateRole } from './update-role.ts';

/** The write side: one file per command, each one transaction with every guard; and the lists of what was written. */
export { type CommandContext, type Committed } from './command.ts';
export { type Role, type NewRole, type RoleChange } from './role.ts';
export { type Member, type NewMember } from './member.ts';
export { type DirectGrant, type DirectGrants } from './direct-grant.ts';
export { type ApiKey, type CreatedApiKey, type NewApiKey } from './api-key.ts';
export { type Enforcement, type Preflight, type PreflightItem } from './enforcement.ts';
export {
  addMember,
  authenticateApiKey,
  createApiKey,
  createGrants,
  createOrganization,
  createRole,
  deleteGrant,
  deleteGrants,
  deleteRole,
  ensureApiKey,
  getEnforcement,
  getMember,
  getRole,
  importOrganization,
  type ImportResult,
  listApiKeys,
  listGrants,
  listMembers,
  listRoles,
  type MemberFilter,
  type NewOrganization,
  type OrganizationChange,
  preflight,
  removeMember,
  revokeApiKey,
  type RoleFilter,
  setEnforcement,
  setMemberRoles,
  updateOrganization,
  updateRole,
} from './commands.ts';

/** One file per route: what an endpoint of the contract does. */
import { type OperationId } from '@rolecall/contract';
import { type Route } from '../route.ts';
import { addMember } from './add-member.ts';
import { check } from './check.ts';
import { chooseSyncSide } from './choose-sync-side.ts';
import { createApiKey } from './create-api-key.ts';
import { createGrants } from './create-grants.ts';
import { createOrganization } from './create-organization.ts';
import { createRole } from './create-role.ts';
import { deleteGrants } from './delete-grants.ts';
import { deleteRole } from './delete-role.ts';
import { explain } from './explain.ts';
import { exportAuditEvents } from './export-audit-events.ts';
import { filter } from './filter.ts';
import { findSyncDrift } from './find-sync-drift.ts';
import { getDecisionSettings } from './get-decision-settings.ts';
import { getAuditHead } from './get-audit-head.ts';
import { getEnforcement } from './get-enforcement.ts';
import { getMember } from './get-member.ts';
import { getOrganization } from './get-organization.ts';
import { getRole } from './get-role.ts';
import { getSyncSettings } from './get-sync-settings.ts';
import { getSyncStatus } from './get-sync-status.ts';
import { healthz } from './healthz.ts';
import { importOrganization } from './import-organization.ts';
import { listApiKeys } from './list-api-keys.ts';
import { listAuditEvents } from './list-audit-events.ts';
import { listDecisions } from './list-decisions.ts';
import { listEffectiveGrants } from './list-effective-grants.ts';
import { listGrants } from './list-grants.ts';
import { listMembers } from './list-members.ts';
import { listOrganizations } from './list-organizations.ts';
import { listRoles } from './list-roles.ts';
import { listScopes } from './list-scopes.ts';
import { listSyncEntities } from './list-sync-entities.ts';
import { listSyncEvents } from './list-sync-events.ts';
import { metrics } from './metrics.ts';
import { readyz } from './readyz.ts';
import { receiveWebhook } from './receive-webhook.ts';
import { releaseSyncBrake } from './release-sync-brake.ts';
import { removeMember } from './remove-member.ts';
import { repairSync } from './repair-sync.ts';
import { replaySyncEvents } from './replay-sync-events.ts';
import { retrySyncEntity } from './retry-sync-entity.ts';
import { reportShadow } from './report-shadow.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { setDecisionSettings } from './set-decision-settings.ts';
import { setEnforcement } from './set-enforcement.ts';
import { setMemberRoles } from './set-member-roles.ts';
import { updateOrganization } from './update-organization.ts';
import { updateRole } from './update-role.ts';
import { updateSyncSettings } from './update-sync-settings.ts';

/** How every endpoint is answered; one that has no route does not compile. */
const byOperation: Readonly<Record<OperationId, Route>> = {
  check,
  filter,
  explain,
  createOrganization,
  listOrganizations,
  getOrganization,
  updateOrganization,
  createRole,
  listRoles,
  getRole,
  updateRole,
  deleteRole,
  listScopes,
  addMember,
  listMembers,
  getMember,
  removeMember,
  setMemberRoles,
  listEffectiveGrants,
  createGrants,
  listGrants,
  deleteGrants,
  getEnforcement,
  setEnforcement,
  reportShadow,
  listDecisions,
  getDecisionSettings,
  setDecisionSettings,
  importOrganization,
  listAuditEvents,
  exportAuditEvents,
  getAuditHead,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  getSyncStatus,
  listSyncEntities,
  retrySyncEntity,
  chooseSyncSide,
  listSyncEvents,
  replaySyncEvents,
  getSyncSettings,
  updateSyncSettings,
  findSyncDrift,
  repairSync,
  releaseSyncBrake,
  receiveWebhook,
  healthz,
  readyz,
  metrics,
};

export const routes: readonly Route[] = Object.values(byOperation);

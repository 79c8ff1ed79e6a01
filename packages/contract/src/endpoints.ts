import * as apiKeys from './api-keys.ts';
import * as audit from './audit-events.ts';
import * as auditHistory from './audit-history.ts';
import * as checks from './checks.ts';
import * as decisionLog from './decision-log.ts';
import { type AnyEndpoint } from './endpoint.ts';
import * as enforcement from './enforcement.ts';
import * as grants from './grants.ts';
import * as imports from './import.ts';
import * as members from './members.ts';
import * as operations from './operations.ts';
import * as organizations from './organizations.ts';
import * as roles from './roles.ts';
import * as scopes from './scopes.ts';
import * as sync from './sync.ts';
import * as webhooks from './webhooks.ts';

/** Every endpoint by its operation id, in the order in which the reference shows them. */
export const endpoints = {
  check: checks.check,
  filter: checks.filter,
  explain: checks.explain,
  createOrganization: organizations.createOrganization,
  listOrganizations: organizations.listOrganizations,
  getOrganization: organizations.getOrganization,
  updateOrganization: organizations.updateOrganization,
  createRole: roles.createRole,
  listRoles: roles.listRoles,
  getRole: roles.getRole,
  updateRole: roles.updateRole,
  deleteRole: roles.deleteRole,
  listScopes: scopes.listScopes,
  addMember: members.addMember,
  listMembers: members.listMembers,
  getMember: members.getMember,
  removeMember: members.removeMember,
  setMemberRoles: members.setMemberRoles,
  listEffectiveGrants: members.listEffectiveGrants,
  createGrants: grants.createGrants,
  listGrants: grants.listGrants,
  deleteGrants: grants.deleteGrants,
  getEnforcement: enforcement.getEnforcement,
  setEnforcement: enforcement.setEnforcement,
  reportShadow: decisionLog.reportShadow,
  listDecisions: decisionLog.listDecisions,
  getDecisionSettings: decisionLog.getDecisionSettings,
  setDecisionSettings: decisionLog.setDecisionSettings,
  importOrganization: imports.importOrganization,
  listAuditEvents: audit.listAuditEvents,
  exportAuditEvents: auditHistory.exportAuditEvents,
  getAuditHead: auditHistory.getAuditHead,
  createApiKey: apiKeys.createApiKey,
  listApiKeys: apiKeys.listApiKeys,
  revokeApiKey: apiKeys.revokeApiKey,
  getSyncStatus: sync.getSyncStatus,
  listSyncEntities: sync.listSyncEntities,
  retrySyncEntity: sync.retrySyncEntity,
  chooseSyncSide: sync.chooseSyncSide,
  listSyncEvents: sync.listSyncEvents,
  replaySyncEvents: sync.replaySyncEvents,
  getSyncSettings: sync.getSyncSettings,
  updateSyncSettings: sync.updateSyncSettings,
  findSyncDrift: sync.findSyncDrift,
  repairSync: sync.repairSync,
  releaseSyncBrake: sync.releaseSyncBrake,
  receiveWebhook: webhooks.receiveWebhook,
  healthz: operations.healthz,
  readyz: operations.readyz,
  metrics: operations.metrics,
} as const;

export type OperationId = keyof typeof endpoints;

/** The same without the types of each, for code that treats all alike. */
export const allEndpoints: readonly AnyEndpoint[] = Object.values(endpoints);

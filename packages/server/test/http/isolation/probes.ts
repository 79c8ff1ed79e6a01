import { type OperationId } from '@rolecall/contract';
import { type Ids } from './tenants.ts';

/** One request that names something of `target` where only things of `own` should be named. */
export interface Probe {
  readonly name: string;
  /** Names nothing of the target: what matters is what it does to the other organization. */
  readonly alone?: boolean;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

type ProbesOf = (own: Ids, target: Ids, nonce: string) => readonly Probe[];

const check = { scope: 'project:read', resource_id: 'p1' };
/** What only a near miss could allow. */
const unreached = {
  scope: 'environment:write',
  resource_id: 'e1',
  dimensions: { project_id: 'p1' },
};
const grants = [{ scope: 'project:read' }];
const person = { email: 'new@mail.example', name: 'New' };
const importing = (members: readonly unknown[], roles: readonly unknown[] = []) => ({
  roles,
  members,
});

/**
 * Requests within the own organization that name a role, user, key or grant of another one. Every endpoint
 * has its line; an empty one has nothing to name.
 */
export const withinOwn: Readonly<Record<OperationId, ProbesOf>> = {
  check: ({ org, userId }, target) => [
    {
      name: 'its own user',
      params: { org },
      body: { principal: `user:${userId}`, checks: [check] },
    },
    {
      name: 'a user',
      params: { org },
      body: { principal: `user:${target.userId}`, checks: [check] },
    },
    {
      name: 'a key',
      params: { org },
      body: { principal: `api_key:${target.apiKeyId}`, checks: [check] },
    },
    {
      name: 'the other organization as the resource',
      params: { org },
      body: {
        principal: `user:${target.userId}`,
        checks: [{ scope: 'org:read', resource_id: target.org }],
      },
    },
  ],
  filter: ({ org }, target) => [
    {
      name: 'a user',
      params: { org },
      body: { principal: `user:${target.userId}`, scope: 'project:read', resource_ids: ['p1'] },
    },
    {
      name: 'a key',
      params: { org },
      body: {
        principal: `api_key:${target.apiKeyId}`,
        scope: 'project:read',
        resource_ids: ['p1'],
      },
    },
  ],
  explain: ({ org, userId, adminRoleId, apiKeyId }, target) => [
    {
      name: 'its own user',
      params: { org },
      body: { principal: `user:${userId}`, check: unreached },
    },
    {
      name: 'its own key',
      params: { org },
      body: { principal: `api_key:${apiKeyId}`, check: unreached },
    },
    {
      name: 'a role that both have',
      params: { org },
      body: { principal: `role:global:${adminRoleId}`, check: unreached },
    },
    { name: 'a user', params: { org }, body: { principal: `user:${target.userId}`, check } },
    { name: 'a key', params: { org }, body: { principal: `api_key:${target.apiKeyId}`, check } },
    {
      name: 'a role',
      params: { org },
      body: { principal: `role:organization:${target.roleId}`, check },
    },
  ],
  createOrganization: () => [],
  listOrganizations: () => [],
  getOrganization: ({ org }) => [{ name: 'everything', params: { org } }],
  updateOrganization: () => [],
  createRole: ({ org, userId }, target, nonce) => [
    {
      name: 'a member',
      params: { org },
      body: { name: `with ${nonce}`, grants: [], member_ids: [target.userId] },
    },
    {
      name: 'a name',
      params: { org },
      body: { name: target.roleName, grants: [], member_ids: [userId] },
    },
  ],
  listRoles: ({ org }) => [
    { name: 'everything', params: { org } },
    { name: 'a search', params: { org }, query: { search: 'team' } },
  ],
  getRole: ({ org }, { roleId }) => [{ name: 'a role', params: { org, role_id: roleId } }],
  updateRole: ({ org, roleId, adminRoleId, userId }, target) => [
    { name: 'a role', params: { org, role_id: target.roleId }, body: { name: 'Taken over' } },
    { name: 'a member', params: { org, role_id: roleId }, body: { member_ids: [target.userId] } },
    {
      name: 'a role that both have',
      alone: true,
      params: { org, role_id: adminRoleId },
      body: { grants: [{ scope: 'org:admin' }], member_ids: [userId] },
    },
  ],
  deleteRole: ({ org, roleId: ownRoleId }, { roleId }) => [
    { name: 'a role', params: { org, role_id: roleId } },
    { name: 'its own role', alone: true, params: { org, role_id: ownRoleId } },
  ],
  listScopes: () => [],
  addMember: ({ org }, target, nonce) => [
    {
      name: 'a role',
      params: { org },
      body: { ...person, id: `x-${nonce}`, role_ids: [target.roleId] },
    },
    { name: 'a user', params: { org }, body: { ...person, id: target.userId } },
    {
      name: 'a user without a name',
      params: { org },
      body: { email: 'x@y', id: `${target.userId}-2` },
    },
  ],
  listMembers: ({ org }, target) => [
    { name: 'everything', params: { org } },
    { name: 'a role', params: { org }, query: { role_id: target.roleId } },
    { name: 'a search', params: { org }, query: { search: 'confidential' } },
  ],
  getMember: ({ org }, { userId }) => [{ name: 'a user', params: { org, user_id: userId } }],
  removeMember: ({ org, userId: ownUserId }, { userId }) => [
    { name: 'a user', params: { org, user_id: userId } },
    { name: 'its own user', alone: true, params: { org, user_id: `${ownUserId}-2` } },
    { name: 'its last admin', params: { org, user_id: ownUserId } },
  ],
  setMemberRoles: ({ org, userId, adminRoleId, roleId }, target) => [
    {
      name: 'a user',
      params: { org, user_id: target.userId },
      body: { role_ids: [adminRoleId] },
    },
    {
      name: 'a role',
      params: { org, user_id: userId },
      body: { role_ids: [adminRoleId, target.roleId] },
    },
    {
      name: 'its last admin',
      params: { org, user_id: userId },
      body: { role_ids: [roleId] },
    },
    {
      name: 'a user of both',
      alone: true,
      params: { org, user_id: `${userId}-2` },
      body: { role_ids: [adminRoleId] },
    },
  ],
  listEffectiveGrants: ({ org, userId: ownUserId }, { userId }) => [
    { name: 'a user', params: { org, user_id: userId } },
    { name: 'its own user', params: { org, user_id: ownUserId } },
  ],
  createGrants: ({ org, userId }, target) => [
    { name: 'a user', params: { org }, body: { principal: `user:${target.userId}`, grants } },
    { name: 'a key', params: { org }, body: { principal: `api_key:${target.apiKeyId}`, grants } },
    {
      name: 'its own user',
      alone: true,
      params: { org },
      body: { principal: `user:${userId}`, grants },
    },
  ],
  listGrants: ({ org }, target) => [
    { name: 'everything', params: { org } },
    { name: 'a user', params: { org }, query: { principal: `user:${target.userId}` } },
    { name: 'a key', params: { org }, query: { principal: `api_key:${target.apiKeyId}` } },
  ],
  deleteGrants: ({ org }, target) => [
    { name: 'a user', params: { org }, body: { principal: `user:${target.userId}`, grants } },
    { name: 'a key', params: { org }, body: { principal: `api_key:${target.apiKeyId}`, grants } },
  ],
  getEnforcement: ({ org }) => [{ name: 'everything', params: { org } }],
  reportShadow: ({ org }, target) => [
    { name: 'everything', params: { org } },
    { name: 'a user', params: { org }, query: { principal: `user:${target.userId}` } },
  ],
  listDecisions: ({ org }, target) => [
    { name: 'everything', params: { org } },
    { name: 'a user', params: { org }, query: { principal: `user:${target.userId}` } },
  ],
  getDecisionSettings: () => [],
  setDecisionSettings: () => [],
  setEnforcement: ({ org }) => [{ name: 'everything', params: { org }, body: { state: 'shadow' } }],
  importOrganization: ({ org }, target, nonce) => [
    {
      name: 'a user',
      params: { org },
      body: importing([{ ...person, id: target.userId, roles: ['member'] }]),
    },
    {
      name: 'a role',
      params: { org },
      body: importing([{ ...person, id: `y-${nonce}`, roles: [target.roleId] }]),
    },
    { name: 'the organization', params: { org }, body: { organization: { id: target.org } } },
    {
      name: 'a key',
      params: { org },
      body: importing([], [{ key: target.importKey, name: `Imported ${nonce}`, grants: [] }]),
    },
    {
      name: 'a name',
      params: { org },
      body: importing([], [{ key: `new-${nonce}`, name: target.roleName, grants: [] }]),
    },
  ],
  listAuditEvents: ({ org }, target) => [
    { name: 'everything', params: { org } },
    { name: 'a subject', params: { org }, query: { subject: `user:${target.userId}` } },
  ],
  exportAuditEvents: ({ org }, target) => [
    { name: 'everything', params: { org } },
    { name: 'a subject', params: { org }, query: { subject: `user:${target.userId}` } },
  ],
  getAuditHead: ({ org }) => [{ name: 'it', params: { org } }],
  createApiKey: () => [],
  listApiKeys: () => [],
  revokeApiKey: () => [],
  getSyncStatus: ({ org }) => [{ name: 'its own', query: { organization_id: org } }],
  listSyncEntities: ({ org }) => [{ name: 'its own', query: { organization_id: org } }],
  retrySyncEntity: () => [],
  chooseSyncSide: () => [],
  listSyncEvents: () => [],
  replaySyncEvents: () => [],
  getSyncSettings: () => [],
  updateSyncSettings: () => [],
  findSyncDrift: ({ org }) => [{ name: 'everything', params: { org } }],
  repairSync: ({ org }) => [{ name: 'everything', params: { org }, body: { dry_run: false } }],
  releaseSyncBrake: ({ org }) => [{ name: 'its own', alone: true, params: { org }, body: {} }],
  receiveWebhook: () => [],
  healthz: () => [],
  readyz: () => [],
  metrics: () => [],
};

/**
 * Requests of a key of the own organization that name another organization, or something outside of its
 * own, in place of it.
 */
export const outsideOwn: Readonly<Record<OperationId, ProbesOf>> = {
  check: (_own, { org, userId }) => [
    { name: 'it', params: { org }, body: { principal: `user:${userId}`, checks: [check] } },
  ],
  filter: (_own, { org, userId }) => [
    {
      name: 'it',
      params: { org },
      body: { principal: `user:${userId}`, scope: 'project:read', resource_ids: ['p1'] },
    },
  ],
  explain: (_own, { org, userId }) => [
    { name: 'it', params: { org }, body: { principal: `user:${userId}`, check } },
  ],
  createOrganization: (_own, { org, workosId }) => [
    { name: 'its id', body: { id: org, name: 'Mine' } },
    { name: 'its WorkOS id', body: { name: 'Mine', workos_id: workosId } },
  ],
  listOrganizations: () => [
    { name: 'all' },
    { name: 'a search', query: { search: 'confidential' } },
  ],
  getOrganization: (_own, { org }) => [{ name: 'it', params: { org } }],
  updateOrganization: (own, { org, workosId }) => [
    { name: 'it', params: { org }, body: { name: 'Mine' } },
    { name: 'its WorkOS id', params: { org: own.org }, body: { workos_id: workosId } },
  ],
  createRole: (_own, { org }) => [
    { name: 'it', params: { org }, body: { name: 'Mine', grants: [] } },
  ],
  listRoles: (_own, { org }) => [{ name: 'it', params: { org } }],
  getRole: (_own, { org, roleId }) => [{ name: 'it', params: { org, role_id: roleId } }],
  updateRole: (_own, { org, roleId }) => [
    { name: 'it', params: { org, role_id: roleId }, body: { name: 'Mine' } },
  ],
  deleteRole: (_own, { org, roleId }) => [{ name: 'it', params: { org, role_id: roleId } }],
  listScopes: () => [],
  addMember: (_own, { org }) => [{ name: 'it', params: { org }, body: person }],
  listMembers: (_own, { org }) => [{ name: 'it', params: { org } }],
  getMember: (_own, { org, userId }) => [{ name: 'it', params: { org, user_id: userId } }],
  removeMember: (_own, { org, userId }) => [{ name: 'it', params: { org, user_id: userId } }],
  setMemberRoles: (_own, { org, userId, roleId }) => [
    { name: 'it', params: { org, user_id: userId }, body: { role_ids: [roleId] } },
  ],
  listEffectiveGrants: (_own, { org, userId }) => [
    { name: 'it', params: { org, user_id: userId } },
  ],
  createGrants: (_own, { org, userId }) => [
    { name: 'it', params: { org }, body: { principal: `user:${userId}`, grants } },
  ],
  listGrants: (_own, { org }) => [{ name: 'it', params: { org } }],
  deleteGrants: (_own, { org, userId }) => [
    { name: 'it', params: { org }, body: { principal: `user:${userId}`, grants } },
  ],
  getEnforcement: (_own, { org }) => [{ name: 'it', params: { org } }],
  reportShadow: (_own, { org }) => [{ name: 'it', params: { org } }],
  listDecisions: (_own, { org }) => [{ name: 'it', params: { org } }],
  getDecisionSettings: () => [{ name: 'it' }],
  setDecisionSettings: () => [{ name: 'it', body: { retention_days: 7 } }],
  setEnforcement: (_own, { org }) => [{ name: 'it', params: { org }, body: { state: 'off' } }],
  importOrganization: (_own, { org }) => [{ name: 'it', params: { org }, body: importing([]) }],
  listAuditEvents: (_own, { org }) => [{ name: 'it', params: { org } }],
  exportAuditEvents: (_own, { org }) => [{ name: 'it', params: { org } }],
  getAuditHead: (_own, { org }) => [{ name: 'it', params: { org } }],
  createApiKey: (_own, { org }) => [
    { name: 'for it', body: { name: 'mine', scope: 'manage', organization_id: org } },
  ],
  listApiKeys: (_own, { org }) => [
    { name: 'all' },
    { name: 'of it', query: { organization_id: org } },
  ],
  revokeApiKey: (_own, { apiKeyId }) => [{ name: 'its key', params: { id: apiKeyId } }],
  getSyncStatus: (_own, { org }) => [
    { name: 'all' },
    { name: 'it', query: { organization_id: org } },
  ],
  listSyncEntities: (_own, { org }) => [
    { name: 'all' },
    { name: 'it', query: { organization_id: org } },
  ],
  retrySyncEntity: (_own, { entityId }) => [{ name: 'its entity', params: { id: entityId } }],
  chooseSyncSide: (_own, { entityId }) => [
    { name: 'its entity', params: { id: entityId }, body: { side: 'there' } },
  ],
  listSyncEvents: () => [{ name: 'all' }],
  replaySyncEvents: () => [{ name: 'all', body: {} }],
  getSyncSettings: () => [{ name: 'them' }],
  updateSyncSettings: () => [{ name: 'them', body: { observe_only: true } }],
  findSyncDrift: (_own, { org }) => [{ name: 'it', params: { org } }],
  repairSync: (_own, { org }) => [{ name: 'it', params: { org }, body: { dry_run: false } }],
  releaseSyncBrake: (_own, { org }) => [{ name: 'it', params: { org }, body: {} }],
  receiveWebhook: () => [],
  healthz: () => [{ name: 'it' }],
  readyz: () => [{ name: 'it' }],
  metrics: () => [],
};

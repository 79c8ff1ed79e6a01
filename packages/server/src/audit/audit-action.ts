/** What can be done to an organization, in the words of its history. The list is closed. */
export const auditActions = [
  'organization.created',
  'organization.updated',
  'organization.imported',
  'enforcement.changed',
  'role.created',
  'role.updated',
  'role.deleted',
  'member.added',
  'member.updated',
  'member.removed',
  'member.roles_changed',
  'grants.created',
  'grants.deleted',
  'decision_settings.changed',
  'legacy.imported',
  'legacy.brought_over',
  'legacy.settled',
  'legacy.state_changed',
  'api_key.created',
  'api_key.revoked',
  'history.retention_changed',
  'history.purged',
  'user.deleted',
] as const;

export type AuditAction = (typeof auditActions)[number];

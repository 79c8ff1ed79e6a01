import { toGrantPayload } from '@rolecall/policy';
import { type AuditEntry } from '../../audit/index.ts';
import { type Intent, priorities } from '../../outbox/index.ts';
import { differenceBetween } from '../difference.ts';
import { grantsShape } from '../role.ts';
import { type ImportResult } from './document.ts';
import { type ImportPlan, type ProfileUpdate, type RoleCreation, type RoleUpdate } from './plan.ts';
import { grantsOf } from './write-plan.ts';

/** How much a plan writes. */
export function countPlan(plan: ImportPlan): ImportResult {
  const updated = new Set([
    ...plan.profileUpdates.map(({ userId }) => userId),
    ...plan.roleSets.map(({ member }) => member.userId),
  ]);
  const created = plan.memberCreations.flatMap(({ roleIds }) => roleIds).length;
  const added = plan.roleSets.reduce(
    (sum, { member, after }) => sum + after.length - member.roleIds.length,
    0,
  );
  return {
    rolesCreated: plan.roleCreations.length,
    rolesUpdated: plan.roleUpdates.length,
    grantsCreated: grantsOf(plan).length,
    membersCreated: plan.memberCreations.length,
    membersUpdated: updated.size,
    assignmentsCreated: created + added,
  };
}

/** What an import leaves in the history: itself, and everything that it made or changed. */
export function importEntries(
  organizationId: string,
  plan: ImportPlan,
  result: ImportResult,
): readonly AuditEntry[] {
  return [
    {
      action: 'organization.imported',
      subject: `organization:${organizationId}`,
      after: {
        roles_created: result.rolesCreated,
        roles_updated: result.rolesUpdated,
        grants_created: result.grantsCreated,
        members_created: result.membersCreated,
        members_updated: result.membersUpdated,
        assignments_created: result.assignmentsCreated,
      },
    },
    ...plan.roleCreations.map(creationEntry),
    ...plan.roleUpdates.map(updateEntry),
    ...plan.memberCreations.map(({ userId, email, name, roleIds }): AuditEntry => ({
      action: 'member.added',
      subject: `user:${userId}`,
      after: { user_id: userId, email, name, status: 'active', role_ids: roleIds },
    })),
    ...plan.profileUpdates.map(profileEntry),
  ];
}

/** What must be made equal in WorkOS of the roles themselves. */
export function roleIntents({ roleCreations, roleUpdates }: ImportPlan): readonly Intent[] {
  const renamed = roleUpdates.filter((role) => role.renamed);
  return [...roleCreations, ...renamed].map(({ id }) => ({
    kind: 'organization_role',
    subjectId: id,
    priority: priorities.role,
  }));
}

function creationEntry({ id, key, slug, name, description, grants }: RoleCreation): AuditEntry {
  const shape = { id, kind: 'organization', slug, name, description, import_key: key };
  return {
    action: 'role.created',
    subject: `role:organization:${id}`,
    after: { ...shape, grants: grantsShape(toGrantPayload(grants)) },
  };
}

function updateEntry({ id, name, description, before, gained }: RoleUpdate): AuditEntry {
  const held = before.grants;
  return {
    action: 'role.updated',
    subject: `role:organization:${id}`,
    ...differenceBetween(
      {
        name: before.name,
        description: before.description,
        grants: grantsShape(toGrantPayload(held)),
      },
      { name, description, grants: grantsShape(toGrantPayload([...held, ...gained])) },
    ),
  };
}

function profileEntry({ userId, email, name, before }: ProfileUpdate): AuditEntry {
  return {
    action: 'member.updated',
    subject: `user:${userId}`,
    ...differenceBetween(before, { email, name }),
  };
}

import { type Grant, toGrantPayload } from '@rolecall/policy';
import { type AuditEntry } from '../audit/index.ts';
import { type Tx } from '../database/index.ts';
import { lockAndRead, type OrganizationLock } from '../identity/index.ts';
import { type Intent, priorities } from '../outbox/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { requireFreeName } from './create-role.ts';
import { differenceBetween } from './difference.ts';
import { planHolders } from './holders.ts';
import { refuseDirectoryManaged } from './ownership.ts';
import { readGrants } from './read-grants.ts';
import { findRoleById, requireRole } from './read-roles.ts';
import { changesFields, replacementOf, requireOrgAdmin } from './role-edit.ts';
import { readFieldChange, type RoleFields } from './role-fields.ts';
import { isUuid, refuseGlobal, requireVersion } from './role-refusals.ts';
import { type Role, type RoleChange, roleShape } from './role.ts';
import { effectiveChanges, type RoleSetChange } from './role-sets.ts';
import {
  findRoleClashes,
  replaceRoleGrants,
  type RoleClashes,
  type RoleRecord,
  updateRoleRow,
} from './roles-store.ts';

/**
 * Replaces what the change names; the slug never changes. What changes nothing leaves version and history
 * as they are. Throws `role_not_found`, `version_mismatch`, `system_role`, `role_name_taken`,
 * `admin_must_keep_org_admin`, `member_not_found`, `last_admin`, `owned_by_workos`, and for the payload
 * `invalid_request`, `invalid_grant`, `invalid_selector`, `limit_exceeded`.
 */
export async function updateRole(
  tx: Tx,
  organizationId: string,
  { roleId, ifMatch, grants: payload, memberIds, ...rest }: RoleChange,
  context: CommandContext,
): Promise<Committed<Role>> {
  const fields = readFieldChange(rest);
  const grants = payload && readGrants(context.policy, organizationId, payload);
  const [lock, [record, clashes]] = await lockAndRead(tx, organizationId, () =>
    Promise.all([
      findRoleById(tx, organizationId, roleId),
      findNameClashes(tx, organizationId, { roleId, name: fields.name }),
    ]),
  );
  const held = await requireRole(tx, lock, { roleId, record });
  requireVersion(held.role, ifMatch);
  guardFields(held.role, fields, clashes);
  if (grants) requireOrgAdmin(lock, held.role, { grants, policy: context.policy });
  const sets = memberIds
    ? await planHolders(tx, lock, { roleId: held.role.id, userIds: memberIds })
    : [];
  refuseDirectoryManaged(sets);
  const members = await applyRoleSets(tx, lock, sets);
  const { renamed, regranted, value } = writeEdit(tx, lock, held, { fields, grants, sets });
  await closeCommand(tx, lock, context, {
    changed: { roles: regranted ? [value.id] : [], users: members.users },
    entries: [...held.brought, ...updateEntries(held.role, value), ...members.entries],
    intents: [...(renamed ? [roleIntent(value)] : []), ...members.intents],
  });
  return committed(lock, value);
}

/** Whether another role has the name that a change wants. */
async function findNameClashes(
  tx: Tx,
  organizationId: string,
  { roleId, name }: { readonly roleId: string; readonly name: string | undefined },
): Promise<RoleClashes | undefined> {
  if (name === undefined || !isUuid(roleId)) return undefined;
  return findRoleClashes(tx, organizationId, { name, slugs: [], roleId });
}

/** Throws `system_role`, `role_name_taken`. */
function guardFields(
  role: Role,
  fields: Partial<RoleFields>,
  clashes: RoleClashes | undefined,
): void {
  if (fields.name === undefined && fields.description === undefined) return;
  refuseGlobal(role, 'name and description');
  if (fields.name !== undefined && clashes) requireFreeName(fields.name, clashes);
}

interface Edit {
  readonly fields: Partial<RoleFields>;
  readonly grants: readonly Grant[] | undefined;
  /** The role sets that were planned for its holders. */
  readonly sets: readonly RoleSetChange[];
}

/** Writes what is new and raises the version when anything is. The value is the role as it is then. */
function writeEdit(
  tx: Tx,
  lock: OrganizationLock,
  { role, rows }: RoleRecord,
  { fields, grants, sets }: Edit,
): { readonly renamed: boolean; readonly regranted: boolean; readonly value: Role } {
  const renamed = changesFields(role, fields);
  const replacement = replacementOf(rows, grants ?? rows);
  const regranted = replacement.removed.length + replacement.added.length > 0;
  if (!renamed && !regranted && effectiveChanges(sets).length === 0)
    return { renamed, regranted, value: role };
  if (regranted) replaceRoleGrants(tx, lock, role.id, replacement);
  updateRoleRow(tx, lock, { ...role, ...fields });
  const removed = new Set(replacement.removed);
  const kept = rows.filter(({ id }) => !removed.has(id));
  const value = {
    ...role,
    ...fields,
    grants: toGrantPayload([...kept, ...replacement.added]),
    memberCount: role.memberCount + holdersGained(role.id, sets),
    version: role.version + 1,
    updatedAt: role.updatedAt > lock.at ? role.updatedAt : lock.at,
  };
  return { renamed, regranted, value };
}

/** How many more members hold a role after these changes than before; fewer below zero. */
function holdersGained(roleId: string, sets: readonly RoleSetChange[]): number {
  const holds = (roleIds: readonly string[]): number => (roleIds.includes(roleId) ? 1 : 0);
  return sets.reduce((sum, { member, after }) => sum + holds(after) - holds(member.roleIds), 0);
}

function updateEntries(before: Role, after: Role): readonly AuditEntry[] {
  if (after === before) return [];
  const difference = differenceBetween(roleShape(before), roleShape(after));
  return [{ action: 'role.updated', subject: after.principal, ...difference }];
}

/** Grants are never sent, so only what a role says of itself is to be made equal. */
function roleIntent({ id }: Role): Intent {
  return { kind: 'organization_role', subjectId: id, priority: priorities.role };
}

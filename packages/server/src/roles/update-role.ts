import { type Grant } from '@rolecall/policy';
import { type AuditEntry } from '../audit/index.ts';
import { type Tx } from '../database/index.ts';
import { lockOrganization, type OrganizationLock } from '../identity/index.ts';
import { type Intent, priorities } from '../outbox/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { requireFreeName } from './create-role.ts';
import { differenceBetween } from './difference.ts';
import { planHolders } from './holders.ts';
import { refuseDirectoryManaged } from './ownership.ts';
import { readGrants } from './read-grants.ts';
import { getRole, requireRole } from './read-roles.ts';
import { changesFields, replacementOf, requireOrgAdmin } from './role-edit.ts';
import { readFieldChange, type RoleFields } from './role-fields.ts';
import { refuseGlobal, requireVersion } from './role-refusals.ts';
import { type Role, type RoleChange, roleShape } from './role.ts';
import { replaceRoleGrants, type RoleRecord, updateRoleRow } from './roles-store.ts';

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
  const lock = await lockOrganization(tx, organizationId);
  const held = await requireRole(tx, lock, roleId);
  requireVersion(held.role, ifMatch);
  await guardFields(tx, lock, { role: held.role, fields });
  if (grants) requireOrgAdmin(lock, held.role, { grants, policy: context.policy });
  const sets = memberIds
    ? await planHolders(tx, lock, { roleId: held.role.id, userIds: memberIds })
    : [];
  refuseDirectoryManaged(sets);
  const members = await applyRoleSets(tx, lock, sets);
  const edit = { fields, grants, memberCount: members.entries.length };
  const { renamed, regranted, value } = await writeEdit(tx, lock, held, edit);
  await closeCommand(tx, lock, context, {
    changed: { roles: regranted ? [value.id] : [], users: members.users },
    entries: [...held.brought, ...updateEntries(held.role, value), ...members.entries],
    intents: [...(renamed ? [roleIntent(value)] : []), ...members.intents],
  });
  return committed(lock, value);
}

/** Throws `system_role`, `role_name_taken`. */
async function guardFields(
  tx: Tx,
  lock: OrganizationLock,
  { role, fields }: { readonly role: Role; readonly fields: Partial<RoleFields> },
): Promise<void> {
  if (fields.name === undefined && fields.description === undefined) return;
  refuseGlobal(role, 'name and description');
  if (fields.name !== undefined) {
    await requireFreeName(tx, lock, { name: fields.name, roleId: role.id });
  }
}

interface Edit {
  readonly fields: Partial<RoleFields>;
  readonly grants: readonly Grant[] | undefined;
  /** How many members gained or lost the role. */
  readonly memberCount: number;
}

/** Writes what is new, raises the version when anything is, and reads the role again. */
async function writeEdit(
  tx: Tx,
  lock: OrganizationLock,
  { role, rows }: RoleRecord,
  { fields, grants, memberCount }: Edit,
): Promise<{ readonly renamed: boolean; readonly regranted: boolean; readonly value: Role }> {
  const renamed = changesFields(role, fields);
  const replacement = replacementOf(rows, grants ?? rows);
  const regranted = replacement.removed.length + replacement.added.length > 0;
  if (!renamed && !regranted && memberCount === 0) return { renamed, regranted, value: role };
  if (regranted) await replaceRoleGrants(tx, lock, role.id, replacement);
  await updateRoleRow(tx, lock, { ...role, ...fields });
  return { renamed, regranted, value: await getRole(tx, lock.organizationId, role.id) };
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

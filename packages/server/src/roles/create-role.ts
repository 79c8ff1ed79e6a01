import { type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { lockAndRead } from '../identity/index.ts';
import { priorities } from '../outbox/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { refuseDirectoryManaged } from './ownership.ts';
import { readGrants } from './read-grants.ts';
import { findMembers } from './members-store.ts';
import { requireAllMembers } from './read-members.ts';
import { readRoleFields } from './role-fields.ts';
import { type NewRole, type Role, roleShape } from './role.ts';
import { findRoleClashes, insertRole, type RoleClashes } from './roles-store.ts';
import { chooseSlug, slugCandidates } from './slug.ts';

/**
 * Makes a role of the organization and gives it to the members named. Throws `invalid_request`,
 * `invalid_grant`, `invalid_selector`, `limit_exceeded`, `role_name_taken`, `member_not_found`, and
 * `owned_by_workos` where a directory owns the roles of a member.
 */
export async function createRole(
  tx: Tx,
  organizationId: string,
  role: NewRole,
  context: CommandContext,
): Promise<Committed<Role>> {
  const fields = readRoleFields(role);
  const grants = readGrants(context.policy, organizationId, role.grants);
  const wanted = { name: fields.name, slugs: slugCandidates(fields.name) };
  const userIds = [...new Set(role.memberIds)];
  const [lock, [clashes, found]] = await lockAndRead(tx, organizationId, () =>
    Promise.all([
      findRoleClashes(tx, organizationId, wanted),
      findMembers(tx, organizationId, userIds),
    ]),
  );
  const slug = claimSlug(wanted, clashes);
  const members = requireAllMembers(userIds, found);
  const made = await insertRole(tx, lock, { ...fields, slug, grants });
  const { id } = made;
  const changes = members.map((member) => ({ member, after: [...member.roleIds, id] }));
  refuseDirectoryManaged(changes);
  const traces = await applyRoleSets(tx, lock, changes);
  const value = { ...made, memberCount: traces.entries.length };
  await closeCommand(tx, lock, context, {
    changed: { roles: [id], users: traces.users },
    entries: [
      { action: 'role.created', subject: value.principal, after: roleShape(value) },
      ...traces.entries,
    ],
    intents: [
      { kind: 'organization_role', subjectId: id, priority: priorities.role },
      ...traces.intents,
    ],
  });
  return committed(lock, value);
}

/** A slug for a new role of this name. Throws `role_name_taken`, `role_slug_taken`. */
function claimSlug(
  { name, slugs }: { readonly name: string; readonly slugs: readonly string[] },
  clashes: RoleClashes,
): string {
  requireFreeName(name, clashes);
  const slug = chooseSlug(slugs, clashes.takenSlugs);
  if (slug !== undefined) return slug;
  throw refusal('role_slug_taken', `no slug is free for a role named \`${name}\``);
}

/** Refuses a name that another role has, in whatever case. Throws `role_name_taken`. */
export function requireFreeName(name: string, { nameTaken }: RoleClashes): void {
  if (!nameTaken) return;
  throw refusal('role_name_taken', `another role is called \`${name}\``, { name });
}

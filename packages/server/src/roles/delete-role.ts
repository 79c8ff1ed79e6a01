import { type Tx } from '../database/index.ts';
import { lockAndRead } from '../identity/index.ts';
import { priorities } from '../outbox/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { planDismissal } from './holders.ts';
import { findRoleById, requireRole } from './read-roles.ts';
import { refuseGlobal, requireVersion } from './role-refusals.ts';
import { type Role, roleShape } from './role.ts';
import { buryRole } from './roles-store.ts';

/** Which role, and perhaps which version of it. */
export interface RoleDeletion {
  readonly roleId: string;
  readonly ifMatch?: number | undefined;
}

/**
 * Deletes a role of the organization with its grants and assignments; a membership that is left without a
 * role gets `member`. The value is the role as it was. In a linked organization the slug stays held until
 * the remote deletion is confirmed. Throws `role_not_found`, `version_mismatch`, `system_role`.
 */
export async function deleteRole(
  tx: Tx,
  organizationId: string,
  { roleId, ifMatch }: RoleDeletion,
  context: CommandContext,
): Promise<Committed<Role>> {
  const [lock, record] = await lockAndRead(tx, organizationId, () =>
    findRoleById(tx, organizationId, roleId),
  );
  const { role, brought } = await requireRole(tx, lock, { roleId, record });
  requireVersion(role, ifMatch);
  refuseGlobal(role, 'the existence');
  const members = await applyRoleSets(tx, lock, await planDismissal(tx, lock, role.id));
  buryRole(tx, lock, role.id);
  await closeCommand(tx, lock, context, {
    changed: { roles: [role.id], users: members.users },
    entries: [
      ...brought,
      { action: 'role.deleted', subject: role.principal, before: roleShape(role) },
      ...members.entries,
    ],
    intents: [
      { kind: 'organization_role', subjectId: role.id, priority: priorities.roleDeletion },
      ...members.intents,
    ],
  });
  return committed(lock, role);
}

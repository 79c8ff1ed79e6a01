import { type AuditEntry } from '../audit/index.ts';
import { type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type Intent } from '../outbox/index.ts';
import { applyRoleSets } from './apply-role-sets.ts';
import { ensureGlobalRole, ensureSystemRole } from './bootstrap-store.ts';
import { type CommandContext } from './command.ts';
import { findRoleless } from './members-store.ts';
import { getRole } from './read-roles.ts';
import { roleShape } from './role.ts';

/** What a bootstrap leaves behind. */
export interface BootstrapTraces {
  readonly entries: readonly AuditEntry[];
  readonly intents: readonly Intent[];
}

const SYSTEM_ROLES = [
  { slug: 'admin', name: 'Admin', description: 'Everything in the organization' },
  { slug: 'member', name: 'Member', description: 'What every member may do' },
] as const;

/**
 * Makes what can be made for enforcement, in the transaction that turns it on: the system roles with their
 * grants, and `member` for everybody who holds no role. What WorkOS owns is left to WorkOS: in a linked
 * organization a missing role of the environment, and the roles of members whom a directory manages.
 */
export async function bootstrap(
  tx: Tx,
  lock: OrganizationLock,
  { policy }: CommandContext,
): Promise<BootstrapTraces> {
  const made: AuditEntry[] = [];
  const ids: Record<string, string | null> = { admin: lock.adminRoleId, member: lock.memberRoleId };
  for (const role of SYSTEM_ROLES) {
    if (ids[role.slug] !== null) continue;
    if (!lock.linked) await ensureGlobalRole(tx, role);
    const id = await ensureSystemRole(tx, lock, role.slug, policy.system_roles[role.slug]);
    if (id === undefined) continue;
    ids[role.slug] = id;
    const after = await getRole(tx, lock.organizationId, id);
    made.push({ action: 'role.created', subject: after.principal, after: roleShape(after) });
  }
  const { admin = null, member = null } = ids;
  const complete = { ...lock, adminRoleId: admin, memberRoleId: member };
  const roleless = member === null ? [] : await findRoleless(tx, lock.organizationId);
  const given = await applyRoleSets(
    tx,
    complete,
    roleless
      .filter(({ directoryManaged }) => !directoryManaged)
      .map((one) => ({ member: one, after: member === null ? [] : [member] })),
  );
  return {
    entries: [...made, ...given.entries],
    intents: given.intents,
  };
}

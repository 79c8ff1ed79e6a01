import { type AuditEntry } from '../audit/index.ts';
import { type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type Intent } from '../outbox/index.ts';
import { liftNoAdmin, writeAssignments } from './assignments-store.ts';
import { adminChangeOf, guardLastAdmin } from './last-admin.ts';
import {
  differenceOf,
  effectiveChanges,
  roleSetEntries,
  roleSetIntents,
  type RoleSetChange,
  usersOf,
} from './role-sets.ts';

/** What changed role sets leave behind. */
export interface RoleSetTraces {
  readonly users: readonly string[];
  readonly entries: readonly AuditEntry[];
  readonly intents: readonly Intent[];
}

/**
 * Gives memberships their new role sets: the one way in which commands change assignments. Sets that stay
 * as they are leave no trace. Throws `last_admin`.
 */
export async function applyRoleSets(
  tx: Tx,
  lock: OrganizationLock,
  changes: readonly RoleSetChange[],
): Promise<RoleSetTraces> {
  const effective = effectiveChanges(changes);
  if (effective.length > 0) {
    await guardLastAdmin(tx, lock, effective);
    await writeAssignments(tx, lock, differenceOf(effective));
    if (lock.noAdmin && adminChangeOf(effective, lock.adminRoleId).gaining.length > 0) {
      liftNoAdmin(tx, lock);
    }
  }
  return {
    users: usersOf(effective),
    entries: roleSetEntries(effective),
    intents: roleSetIntents(effective),
  };
}

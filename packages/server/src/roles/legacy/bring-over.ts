import { type AuditEntry } from '../../audit/index.ts';
import { type Tx } from '../../database/index.ts';
import { type OrganizationLock } from '../../identity/index.ts';
import { type BroughtOver, bringAllOf } from './bring-over-store.ts';

/**
 * Keys everything that a role has by its slug by its id. Whoever changes the grants of a role, or ends it, does
 * this first: what is written is of one form then, and nothing is left behind that a later role of the same slug
 * could come into. Answers with what the history says of it.
 */
export async function bringRoleOver(
  tx: Tx,
  lock: OrganizationLock,
  roleId: string,
): Promise<readonly AuditEntry[]> {
  return broughtEntries(await bringAllOf(tx, lock, roleId));
}

/** What the history says of rows that were brought over: how many, not which; the grants are there to be seen. */
export function broughtEntries(brought: readonly BroughtOver[]): readonly AuditEntry[] {
  return brought.map(({ roleId, kind, slug, rows, made }) => ({
    action: 'legacy.brought_over',
    subject: `role:${kind}:${roleId}`,
    before: { principal: `role:${slug}`, grants: rows },
    after: { grants_created: made },
  }));
}

import { refusal } from '../errors/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type RoleSetChange } from './role-sets.ts';
import { effectiveChanges } from './role-sets.ts';

/** Refuses what is WorkOS's to do in a linked organization. Throws `owned_by_workos`. */
export function refuseLinked(lock: OrganizationLock, what: string): void {
  if (!lock.linked) return;
  throw refusal(
    'owned_by_workos',
    `the organization \`${lock.organizationId}\` is linked to WorkOS, which owns ${what}`,
  );
}

/** Refuses to change the roles of members whose roles a directory owns. Throws `owned_by_workos`. */
export function refuseDirectoryManaged(changes: readonly RoleSetChange[]): void {
  const managed = effectiveChanges(changes).filter(({ member }) => member.directoryManaged);
  if (managed.length === 0) return;
  const userIds = managed.map(({ member }) => member.userId);
  const named = userIds.map((id) => `\`${id ?? 'unknown user'}\``).join(', ');
  throw refusal('owned_by_workos', `a directory owns the roles of ${named}`, { userIds });
}

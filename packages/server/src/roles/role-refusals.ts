import { refusal, type RolecallError } from '../errors/index.ts';
import { type Role } from './role.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text can be the id of anything that the database names. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The refusal for roles that are not there. */
export function roleNotFound(roleIds: readonly string[]): RolecallError {
  const named = roleIds.map((id) => `\`${id}\``).join(', ');
  return refusal('role_not_found', `there is no role ${named} in the organization`, { roleIds });
}

/** Refuses to touch what the organization does not own of a global role. Throws `system_role`. */
export function refuseGlobal(role: Role, what: string): void {
  if (role.kind === 'organization') return;
  throw refusal('system_role', `${what} of the role \`${role.slug}\` cannot be changed here`, {
    roleId: role.id,
  });
}

/** Refuses an edit of an older version. Throws `version_mismatch`, which names the current one. */
export function requireVersion(role: Role, ifMatch: number | undefined): void {
  if (ifMatch === undefined || ifMatch === role.version) return;
  const message = `the role has version \`${role.version}\`, not \`${ifMatch}\``;
  throw refusal('version_mismatch', message, { currentVersion: role.version });
}

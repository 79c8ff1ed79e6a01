import { type Grant, grantKey, type Policy } from '@rolecall/policy';
import { refusal } from '../errors/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type RoleFields } from './role-fields.ts';
import { type Role } from './role.ts';
import { type GrantRow } from './roles-store.ts';

/** Whether fields that a change names say something new. */
export function changesFields(role: RoleFields, fields: Partial<RoleFields>): boolean {
  const { name = role.name, description = role.description } = fields;
  return name !== role.name || description !== role.description;
}

/** What has to go and what has to come so that a role has exactly these grants; those that stay keep their ids. */
export function replacementOf(
  held: readonly GrantRow[],
  wanted: readonly Grant[],
): { readonly removed: readonly string[]; readonly added: readonly Grant[] } {
  const wantedKeys = new Set(wanted.map(grantKey));
  const heldKeys = new Set(held.map(grantKey));
  return {
    removed: held.filter((row) => !wantedKeys.has(grantKey(row))).map(({ id }) => id),
    added: wanted.filter((grant) => !heldKeys.has(grantKey(grant))),
  };
}

/**
 * INVARIANT (admin keeps org:admin): whoever holds `admin` can administer the organization, or counting
 * usable admins would say nothing. Throws `admin_must_keep_org_admin`.
 */
export function requireOrgAdmin(
  lock: OrganizationLock,
  role: Role,
  { grants, policy }: { readonly grants: readonly Grant[]; readonly policy: Policy },
): void {
  if (role.id !== lock.adminRoleId || !policy.byName.has('org:admin')) return;
  if (grants.some(isOrgAdminEverywhere)) return;
  throw refusal('admin_must_keep_org_admin', 'the role `admin` keeps `org:admin` everywhere');
}

function isOrgAdminEverywhere({ scope, effect, selector }: Grant): boolean {
  const narrowed = Object.keys(selector).length > 2;
  return scope === 'org:admin' && effect === 'allow' && selector.resource_id === '*' && !narrowed;
}

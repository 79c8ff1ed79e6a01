import { type Grant, grantKey, type Policy } from '@rolecall/policy';
import { refusal } from '../errors/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type RoleFields } from './role-fields.ts';
import { type Role } from './role.ts';

/** Whether fields that a change names say something new. */
export function changesFields(role: RoleFields, fields: Partial<RoleFields>): boolean {
  const { name = role.name, description = role.description } = fields;
  return name !== role.name || description !== role.description;
}

/** Whether two lists of grants say different things, whatever their order. */
export function differsInGrants(held: readonly Grant[], wanted: readonly Grant[]): boolean {
  const keys = new Set(held.map(grantKey));
  return keys.size !== wanted.length || wanted.some((grant) => !keys.has(grantKey(grant)));
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

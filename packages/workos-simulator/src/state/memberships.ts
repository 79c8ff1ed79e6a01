import { membershipEventJson } from '../wire/index.ts';
import type { Membership, MembershipStatus, Role } from './records.ts';
import { badRequest, invalidParameters, notFound, unprocessable } from './refusal.ts';
import { byPriority, defaultRole, findRoleOf } from './roles.ts';
import { forgetMembership, pairKey, saveMembership } from './store.ts';
import { emit, type World } from './world.ts';

export interface MembershipInput {
  readonly organizationId: string;
  readonly userId: string;
  /** The default role when absent. */
  readonly roleSlugs?: readonly string[] | undefined;
  readonly status?: MembershipStatus;
  readonly directoryManaged?: boolean;
}

/** @throws Refusal 404 */
export function getMembership(world: World, id: string): Membership {
  const membership = world.store.memberships.find(id);
  if (!membership) throw notFound('Organization membership', id);
  return membership;
}

/** The one membership of a user in an organization, of any status. */
export function findMembership(
  world: World,
  organizationId: string,
  userId: string,
): Membership | undefined {
  return world.store.memberships.first('pair', pairKey(organizationId, userId));
}

/**
 * Creates a membership, or activates the inactive one there is, with the roles given.
 * @throws Refusal 404 for organization or user, 400 `cannot_reactivate_pending_organization_membership`,
 *   422 `invalid_role`, `multiple_roles_not_enabled`, `invalid_request_parameters` for a second one
 */
export function createMembership(world: World, input: MembershipInput): Membership {
  const { organizationId, userId } = input;
  if (!world.store.organizations.find(organizationId))
    throw notFound('Organization', organizationId);
  if (!world.store.users.find(userId)) throw notFound('User', userId);
  const existing = findMembership(world, organizationId, userId);
  const roleIds = roleIdsOf(resolveRoles(world, organizationId, input.roleSlugs));
  const { status = 'active', directoryManaged = false } = input;
  if (existing?.status === 'pending') throw pendingRefusal('reactivate');
  if (existing?.status === 'active') {
    const message = 'User is already a member of the organization.';
    throw invalidParameters([{ code: 'organization_membership_already_exists', message }]);
  }
  if (existing) return changeMembership(world, existing, { roleIds, status, directoryManaged });
  const now = world.now();
  const membership: Membership = {
    id: world.ids.next('om'),
    organizationId,
    userId,
    status,
    roleIds,
    directoryManaged,
    createdAt: now,
    updatedAt: now,
  };
  saveMembership(world.store, membership);
  emitMembership(world, 'created', membership);
  return membership;
}

/** Replaces the whole set of roles. Throws like `resolveRoles`. */
export function replaceRoles(
  world: World,
  membership: Membership,
  slugs: readonly string[],
): Membership {
  const roles = resolveRoles(world, membership.organizationId, slugs);
  return changeMembership(world, membership, { roleIds: roleIdsOf(roles) });
}

/** @throws Refusal 400 for a pending membership */
export function deactivateMembership(world: World, membership: Membership): Membership {
  if (membership.status === 'pending') throw pendingRefusal('deactivate');
  return changeMembership(world, membership, { status: 'inactive' });
}

/** Activates a membership with the roles it had. @throws Refusal 400 for a pending membership */
export function reactivateMembership(world: World, membership: Membership): Membership {
  if (membership.status === 'pending') throw pendingRefusal('reactivate');
  return changeMembership(world, membership, { status: 'active' });
}

/** Stores what changed; a change of nothing leaves no trace. */
export function changeMembership(
  world: World,
  membership: Membership,
  change: Partial<Pick<Membership, 'status' | 'roleIds' | 'directoryManaged'>>,
): Membership {
  const changed: Membership = { ...membership, ...change };
  if (JSON.stringify(changed) === JSON.stringify(membership)) return membership;
  const updated = { ...changed, updatedAt: world.now() };
  saveMembership(world.store, updated);
  emitMembership(world, 'updated', updated);
  return updated;
}

/** Deletes a membership; a directory user it belonged to stays in its directory. */
export function removeMembership(world: World, membership: Membership): void {
  forgetMembership(world.store, membership);
  emitMembership(world, 'deleted', membership);
}

/**
 * The roles that `slugs` mean in an organization, in priority order; the default one without any.
 * @throws Refusal 422 `invalid_role`, `multiple_roles_not_enabled`, `invalid_request_parameters` when empty
 */
export function resolveRoles(
  world: World,
  organizationId: string,
  slugs: readonly string[] | undefined,
): readonly Role[] {
  if (slugs === undefined) return [defaultRole(world)];
  if (slugs.length === 0) {
    throw invalidParameters([
      { code: 'role_slugs_empty', message: 'role_slugs should not be empty' },
    ]);
  }
  const roles = [...new Set(slugs)].map((slug) => {
    const role = findRoleOf(world, organizationId, slug);
    if (!role) throw unprocessable('invalid_role', `Role '${slug}' is not a valid role.`);
    return role;
  });
  if (roles.length > 1 && !world.settings.multipleRoles) {
    const message = 'Multiple roles are not enabled for this environment.';
    throw unprocessable('multiple_roles_not_enabled', message);
  }
  return roles.toSorted(byPriority(world));
}

/** The ids of `roles`, without repetition. */
export function roleIdsOf(roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.map((role) => role.id))];
}

function pendingRefusal(verb: 'deactivate' | 'reactivate'): Error {
  const advice =
    verb === 'deactivate'
      ? 'This membership should be deleted instead.'
      : 'The user needs to accept the invitation instead.';
  return badRequest(
    `cannot_${verb}_pending_organization_membership`,
    `A pending organization membership cannot be ${verb}d. ${advice}`,
  );
}

function emitMembership(
  world: World,
  what: 'created' | 'updated' | 'deleted',
  membership: Membership,
): void {
  const data = membershipEventJson(world.store, membership);
  emit(world, `organization_membership.${what}`, data, membership.organizationId);
}

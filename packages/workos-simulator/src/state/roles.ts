import { drawToken } from '../identifiers.ts';
import { roleEventJson } from '../wire/index.ts';
import type { Role } from './records.ts';
import { badRequest, conflict, notFound } from './refusal.ts';
import { slugKey } from './store.ts';
import { emit, type World } from './world.ts';

export interface RoleInput {
  readonly slug?: string | undefined;
  readonly name: string;
  readonly description?: string | null | undefined;
}

export interface RoleChange {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
}

/** The role that `slug` means in an organization: its own one shadows the environment's. */
export function findRoleOf(world: World, organizationId: string, slug: string): Role | undefined {
  const { roles } = world.store;
  return (
    roles.first('slug', slugKey(organizationId, slug)) ?? roles.first('slug', slugKey(null, slug))
  );
}

/**
 * A role of exactly this organization, or of the environment when it is null.
 * @throws Refusal 404
 */
export function getRole(world: World, organizationId: string | null, slug: string): Role {
  const role = world.store.roles.first('slug', slugKey(organizationId, slug));
  if (!role) throw notFound('Role', slug);
  return role;
}

/** The environment's roles in priority order. */
export function listEnvironmentRoles(world: World): readonly Role[] {
  return world.store.roles.list('organization', 'environment').toSorted(byPriority(world));
}

/** Every role that applies to an organization, in priority order. */
export function listRolesOf(world: World, organizationId: string): readonly Role[] {
  return [
    ...listEnvironmentRoles(world),
    ...world.store.roles.list('organization', organizationId),
  ];
}

/** The role of whoever is given none. */
export function defaultRole(world: World): Role {
  return getRole(world, null, world.settings.defaultRoleSlug);
}

/** Orders roles: those of the environment by its settings, then those of the organization by age. */
export function byPriority(world: World): (left: Role, right: Role) => number {
  const rank = (role: Role): number => {
    if (role.organizationId !== null) return Number.MAX_SAFE_INTEGER;
    const place = world.settings.rolePriority.indexOf(role.slug);
    return place === -1 ? Number.MAX_SAFE_INTEGER - 1 : place;
  };
  return (left, right) => rank(left) - rank(right) || (left.id < right.id ? -1 : 1);
}

/** @throws Refusal 409 `role_slug_conflict`, 400 `bad_request` for a slug of other characters */
export function createEnvironmentRole(
  world: World,
  input: RoleInput & { readonly slug: string },
): Role {
  if (!/^[a-z0-9_-]+$/.test(input.slug)) throw badRequest('bad_request', 'The slug is invalid.');
  if (world.store.roles.first('slug', slugKey(null, input.slug))) {
    throw conflict('role_slug_conflict', `Role slug '${input.slug}' is already in use.`);
  }
  return insertRole(world, null, input);
}

/**
 * Creates an organization's role; without a slug it gets one made of its name.
 * @throws Refusal 400 `bad_request` for a slug that does not begin with `org-`, 409
 *   `organization_role_slug_conflict`
 */
export function createOrganizationRole(
  world: World,
  organizationId: string,
  input: RoleInput,
): Role {
  const slug = input.slug ?? slugFromName(world, input.name);
  if (!/^org-[a-z0-9_-]+$/.test(slug)) {
    throw badRequest('bad_request', "Organization role slugs must begin with 'org-'.");
  }
  if (world.store.roles.first('slug', slugKey(organizationId, slug))) {
    throw conflict('organization_role_slug_conflict', `Role slug '${slug}' is already in use.`);
  }
  return insertRole(world, organizationId, { ...input, slug });
}

/** Changes name or description; a change of nothing leaves no trace. */
export function updateRole(world: World, role: Role, change: RoleChange): Role {
  const updated: Role = {
    ...role,
    name: change.name ?? role.name,
    description: change.description === undefined ? role.description : change.description,
  };
  if (updated.name === role.name && updated.description === role.description) return role;
  const saved = { ...updated, updatedAt: world.now() };
  world.store.roles.put(saved);
  emitRole(world, 'updated', saved);
  return saved;
}

/**
 * Deletes an organization's role that nobody holds.
 * @throws Refusal 409 `role_has_assignments` (a membership of any status counts),
 *   `role_has_group_role_mappings`
 */
export function deleteOrganizationRole(world: World, role: Role): void {
  if (world.store.memberships.ids('role', role.id).size > 0) {
    throw conflict('role_has_assignments', `Role '${role.slug}' has assignments.`);
  }
  if (world.store.directoryGroups.ids('role', role.id).size > 0) {
    throw conflict('role_has_group_role_mappings', `Role '${role.slug}' has group role mappings.`);
  }
  removeRole(world, role);
}

/** Takes a role away whatever it is needed for; the caller has seen to its members. */
export function removeRole(world: World, role: Role): void {
  world.store.roles.delete(role.id);
  emitRole(world, 'deleted', role);
}

function insertRole(
  world: World,
  organizationId: string | null,
  input: RoleInput & { readonly slug: string },
): Role {
  const now = world.now();
  const role: Role = {
    id: world.ids.next('role'),
    organizationId,
    slug: input.slug,
    name: input.name,
    description: input.description ?? null,
    permissions: [],
    createdAt: now,
    updatedAt: now,
  };
  world.store.roles.put(role);
  emitRole(world, 'created', role);
  return role;
}

function emitRole(world: World, what: 'created' | 'updated' | 'deleted', role: Role): void {
  const kind = role.organizationId === null ? 'role' : 'organization_role';
  emit(world, `${kind}.${what}`, roleEventJson(role), role.organizationId);
}

function slugFromName(world: World, name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['role'];
  const suffix = drawToken(6, world.seed, 'slug', world.ids.position().made).toLowerCase();
  return `org-${words.join('-').slice(0, 36)}-${suffix}`;
}

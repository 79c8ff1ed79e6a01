import { z } from 'zod';
import {
  createEnvironmentRole,
  createOrganizationRole,
  getRole,
  removeRole,
  retireEnvironmentRole,
  type Role,
  takeRole,
  updateRole,
  type World,
} from '../state/index.ts';
import { roleJson } from '../wire/index.ts';
import { action } from './action.ts';
import { organizationOf, organizationReference } from './references.ts';

/** Without an organization, a role of the environment is meant. */
const roleReference = { organization: organizationReference.optional(), slug: z.string() };

/** What is done to roles. Limits of length are the API's; a person may go beyond them. */
export const roleActions = {
  createRole: action(
    z.object({
      organization: organizationReference.optional(),
      slug: z.string().optional(),
      name: z.string(),
      description: z.string().nullable().optional(),
    }),
    (world, { organization, ...input }) =>
      roleJson(
        organization === undefined
          ? createEnvironmentRole(world, { ...input, slug: input.slug ?? 'role' })
          : createOrganizationRole(world, organizationOf(world, organization).id, input),
      ),
  ),
  updateRole: action(
    z.object({
      ...roleReference,
      name: z.string().optional(),
      description: z.string().nullable().optional(),
    }),
    (world, input) => roleJson(updateRole(world, roleOf(world, input), input)),
  ),
  renameRole: action(z.object({ ...roleReference, name: z.string() }), (world, input) =>
    roleJson(updateRole(world, roleOf(world, input), { name: input.name })),
  ),
  /**
   * Deletes a role whoever holds it: an organization's own at once, its members falling back to the
   * default role first; an environment's as `retireEnvironmentRole` does.
   */
  deleteRole: action(z.object(roleReference), (world, input) => {
    const role = roleOf(world, input);
    deleteRole(world, role);
    return roleJson(role);
  }),
  /** Deletes an organization's role and makes another with its slug: a new id, no members. */
  recreateRole: action(
    z.object({
      organization: organizationReference,
      slug: z.string(),
      name: z.string().optional(),
      description: z.string().nullable().optional(),
    }),
    (world, input) => {
      const role = roleOf(world, input);
      deleteRole(world, role);
      return roleJson(
        createOrganizationRole(world, organizationOf(world, input.organization).id, {
          slug: role.slug,
          name: input.name ?? role.name,
          description: input.description ?? role.description,
        }),
      );
    },
  ),
};

function roleOf(
  world: World,
  reference: { readonly organization?: string | undefined; readonly slug: string },
): Role {
  const { organization, slug } = reference;
  return getRole(
    world,
    organization === undefined ? null : organizationOf(world, organization).id,
    slug,
  );
}

function deleteRole(world: World, role: Role): void {
  if (role.organizationId === null) {
    retireEnvironmentRole(world, role);
    return;
  }
  for (const membership of world.store.memberships.list('role', role.id)) {
    takeRole(world, membership, role.id);
  }
  for (const group of world.store.directoryGroups.list('role', role.id)) {
    world.store.directoryGroups.put({ ...group, roleId: null });
  }
  removeRole(world, role);
}

import { changeMembership } from './memberships.ts';
import type { Membership, Role } from './records.ts';
import { badRequest } from './refusal.ts';
import { defaultRole, removeRole } from './roles.ts';
import type { World } from './world.ts';

/**
 * Deletes an environment role. The role is gone at once; its members follow later, batch by batch, and
 * until then show a slug that no longer exists. Whoever is left without a role gets the default one.
 * @throws Refusal 400 for the default role
 */
export function retireEnvironmentRole(world: World, role: Role): void {
  if (role.slug === world.settings.defaultRoleSlug) {
    throw badRequest('bad_request', 'The default role cannot be deleted.');
  }
  for (const group of world.store.directoryGroups.list('role', role.id)) {
    world.store.directoryGroups.put({ ...group, roleId: null });
  }
  world.store.retiredRoles.put(role);
  removeRole(world, role);
  scheduleReassignment(world, role.id);
}

/** Goes on with the roles that were being retired when the environment was saved. */
export function resumeRetirements(world: World): void {
  for (const role of world.store.retiredRoles.toArray()) scheduleReassignment(world, role.id);
}

function scheduleReassignment(world: World, roleId: string): void {
  world.clock.schedule(() => {
    reassignBatch(world, roleId);
  }, world.settings.reassignment.delayMs);
}

function reassignBatch(world: World, roleId: string): void {
  const { memberships, retiredRoles } = world.store;
  if (!retiredRoles.find(roleId)) return;
  for (const id of memberships.ids('role', roleId).above(null, world.settings.reassignment.batch)) {
    const membership = memberships.find(id);
    if (membership) takeRole(world, membership, roleId);
  }
  if (memberships.ids('role', roleId).size > 0) scheduleReassignment(world, roleId);
  else retiredRoles.delete(roleId);
}

/** Takes one role away from a membership; the last one is replaced by the default role. */
export function takeRole(world: World, membership: Membership, roleId: string): Membership {
  const rest = membership.roleIds.filter((id) => id !== roleId);
  return changeMembership(world, membership, {
    roleIds: rest.length > 0 ? rest : [defaultRole(world).id],
  });
}

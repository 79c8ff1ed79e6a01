import type { World } from './world.ts';

/**
 * What is wrong with an environment, in words; nothing when all is well. Made for tests: it walks
 * through everything.
 */
export function findInconsistencies(world: World): readonly string[] {
  return [
    ...membershipFaults(world),
    ...listingFaults(world),
    ...roleFaults(world),
    ...directoryFaults(world),
    ...streamFaults(world),
  ];
}

function membershipFaults(world: World): readonly string[] {
  const { store } = world;
  const pairs = new Set<string>();
  return store.memberships.toArray().flatMap((membership) => {
    const faults: string[] = [];
    const pair = `${membership.organizationId} ${membership.userId}`;
    if (pairs.has(pair)) faults.push(`${membership.id}: a second membership of ${pair}`);
    pairs.add(pair);
    if (!store.organizations.find(membership.organizationId)) {
      faults.push(`${membership.id}: organization \`${membership.organizationId}\` is not there`);
    }
    if (!store.users.find(membership.userId)) {
      faults.push(`${membership.id}: user \`${membership.userId}\` is not there`);
    }
    if (!store.usersOf.get(membership.organizationId)?.has(membership.userId)) {
      faults.push(`${membership.id}: not listed among the users of its organization`);
    }
    if (membership.roleIds.length === 0) faults.push(`${membership.id}: has no role`);
    for (const id of membership.roleIds) {
      const role = store.roles.find(id) ?? store.retiredRoles.find(id);
      const scope = role?.organizationId ?? membership.organizationId;
      if (!role || scope !== membership.organizationId) {
        faults.push(`${membership.id}: role \`${id}\` is not there`);
      }
    }
    return faults;
  });
}

function listingFaults(world: World): readonly string[] {
  const { usersOf, memberships } = world.store;
  const listed = [...usersOf.values()].reduce((sum, users) => sum + users.size, 0);
  return listed === memberships.size
    ? []
    : [`${listed} users are listed by organization for ${memberships.size} memberships`];
}

function directoryFaults(world: World): readonly string[] {
  const { store } = world;
  const groups = store.directoryGroups.toArray().flatMap((group) => {
    const known = group.roleId === null || store.roles.find(group.roleId) !== undefined;
    return known ? [] : [`${group.id}: its role is not there`];
  });
  const users = store.directoryUsers.toArray().flatMap((user) => {
    const missing = user.groupIds.filter((id) => !store.directoryGroups.find(id));
    const faults = missing.map((id) => `${user.id}: group \`${id}\` is not there`);
    if (!store.users.find(user.userId)) faults.push(`${user.id}: user is not there`);
    if (!store.directories.find(user.directoryId)) faults.push(`${user.id}: no directory`);
    return faults;
  });
  return [...groups, ...users];
}

function roleFaults(world: World): readonly string[] {
  const slugs = new Set<string>();
  return world.store.roles.toArray().flatMap((role) => {
    const faults: string[] = [];
    const slug = `${role.organizationId ?? 'environment'} ${role.slug}`;
    if (slugs.has(slug)) faults.push(`${role.id}: a second role with slug ${slug}`);
    slugs.add(slug);
    if (role.organizationId !== null && !world.store.organizations.find(role.organizationId)) {
      faults.push(`${role.id}: organization \`${role.organizationId}\` is not there`);
    }
    return faults;
  });
}

function streamFaults(world: World): readonly string[] {
  const events = world.events.toArray();
  return events.flatMap((event, index) => {
    const previous = events[index - 1];
    if (!previous) return [];
    const faults: string[] = [];
    if (previous.id >= event.id) faults.push(`${event.id}: not after ${previous.id}`);
    if (previous.createdAt > event.createdAt) faults.push(`${event.id}: older than ${previous.id}`);
    return faults;
  });
}

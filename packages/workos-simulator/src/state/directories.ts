import {
  deletedDirectoryJson,
  directoryGroupJson,
  directoryJson,
  directoryUserJson,
} from '../wire/index.ts';
import { removeDirectoryUser, saveDirectoryUser } from './directory-users.ts';
import { changeMembership, createMembership, findMembership, roleIdsOf } from './memberships.ts';
import type { Directory, DirectoryGroup, DirectoryUser, Membership, Role } from './records.ts';
import { conflict, notFound } from './refusal.ts';
import { byPriority, defaultRole } from './roles.ts';
import { createUser, findUserByEmail } from './users.ts';
import { emit, type World } from './world.ts';

export interface ProvisionInput {
  readonly email: string;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly groupIds?: readonly string[] | undefined;
}

/** Connects a directory to an organization. @throws Refusal 409 when it has one */
export function connectDirectory(world: World, organizationId: string, name: string): Directory {
  if (world.store.directories.first('organization', organizationId)) {
    throw conflict('directory_exists', 'The organization has a directory.');
  }
  const now = world.now();
  const id = world.ids.next('directory');
  const directory: Directory = { id, organizationId, name, createdAt: now, updatedAt: now };
  world.store.directories.put(directory);
  emit(world, 'dsync.activated', directoryJson(directory), organizationId);
  return directory;
}

/** Disconnects a directory; its members stay as they are and are managed by hand from now on. */
export function disconnectDirectory(world: World, directory: Directory): void {
  const { store } = world;
  for (const user of store.directoryUsers.list('directory', directory.id)) {
    store.directoryUsers.delete(user.id);
    const membership = findMembership(world, user.organizationId, user.userId);
    if (membership) changeMembership(world, membership, { directoryManaged: false });
  }
  for (const group of store.directoryGroups.list('directory', directory.id)) {
    store.directoryGroups.delete(group.id);
  }
  store.directories.delete(directory.id);
  emit(world, 'dsync.deleted', deletedDirectoryJson(directory), directory.organizationId);
}

/** @throws Refusal 404 when the organization has no directory */
export function getDirectoryOf(world: World, organizationId: string): Directory {
  const directory = world.store.directories.first('organization', organizationId);
  if (!directory) throw notFound('Directory', organizationId);
  return directory;
}

/**
 * Adds a person to a directory. The user is found by address, whoever verified it, or made; the
 * membership is found or made, and managed by the directory from now on.
 */
export function provision(
  world: World,
  directory: Directory,
  input: ProvisionInput,
): DirectoryUser {
  const saved = enrol(world, directory, input);
  alignMembership(world, saved);
  return saved;
}

/** Makes the directory's entry for a person and leaves the membership as it is. */
export function enrol(world: World, directory: Directory, input: ProvisionInput): DirectoryUser {
  const user =
    findUserByEmail(world, input.email) ??
    createUser(world, {
      email: input.email,
      emailVerified: true,
      firstName: input.firstName,
      lastName: input.lastName,
    });
  const id = world.ids.next('directory_user');
  const entry: DirectoryUser = {
    id,
    directoryId: directory.id,
    organizationId: directory.organizationId,
    idpId: `idp-${id.slice(-12)}`,
    userId: user.id,
    email: input.email,
    firstName: input.firstName ?? user.firstName,
    lastName: input.lastName ?? user.lastName,
    state: 'active',
    groupIds: [...(input.groupIds ?? [])],
    createdAt: world.now(),
    updatedAt: world.now(),
  };
  const saved = saveDirectoryUser(world, entry, 'created');
  for (const groupId of entry.groupIds) announceGroup(world, 'user_added', saved, groupId);
  return saved;
}

/**
 * Suspends or deactivates a person: the membership becomes inactive and its roles are reset to the
 * default one, which the stream shows as an *updated* event.
 */
export function deprovision(
  world: World,
  user: DirectoryUser,
  state: 'suspended' | 'inactive',
): Membership {
  const saved = saveDirectoryUser(world, { ...user, state });
  return alignMembership(world, saved);
}

/** Lets a person in again, with the roles of their groups or else the default one. */
export function reprovision(world: World, user: DirectoryUser): Membership {
  return alignMembership(world, saveDirectoryUser(world, { ...user, state: 'active' }));
}

/** Takes a person out of the directory; the membership stays, inactive. */
export function expel(world: World, user: DirectoryUser): Membership {
  const membership = alignMembership(world, { ...user, state: 'inactive' });
  removeDirectoryUser(world, user);
  return membership;
}

/** Puts a person into exactly these groups. */
export function setGroups(
  world: World,
  user: DirectoryUser,
  groupIds: readonly string[],
): Membership {
  const saved = saveDirectoryUser(world, { ...user, groupIds: [...new Set(groupIds)] });
  for (const id of user.groupIds.filter((candidate) => !groupIds.includes(candidate))) {
    announceGroup(world, 'user_removed', saved, id);
  }
  for (const id of saved.groupIds.filter((candidate) => !user.groupIds.includes(candidate))) {
    announceGroup(world, 'user_added', saved, id);
  }
  return alignMembership(world, saved);
}

/** Makes the membership what the directory says: status and roles. */
export function alignMembership(world: World, user: DirectoryUser): Membership {
  const status = user.state === 'active' ? 'active' : 'inactive';
  const roleIds = roleIdsOf(
    user.state === 'active' ? mappedRoles(world, user) : [defaultRole(world)],
  );
  const membership =
    findMembership(world, user.organizationId, user.userId) ??
    createMembership(world, {
      organizationId: user.organizationId,
      userId: user.userId,
      directoryManaged: true,
      status,
    });
  return changeMembership(world, membership, { status, roleIds, directoryManaged: true });
}

/** @throws Refusal 404 */
export function getGroup(world: World, id: string): DirectoryGroup {
  const group = world.store.directoryGroups.find(id);
  if (!group) throw notFound('Directory group', id);
  return group;
}

export function createGroup(world: World, directory: Directory, name: string): DirectoryGroup {
  const now = world.now();
  const id = world.ids.next('directory_group');
  const group: DirectoryGroup = {
    id,
    directoryId: directory.id,
    organizationId: directory.organizationId,
    idpId: `idp-${id.slice(-12)}`,
    name,
    roleId: null,
    createdAt: now,
    updatedAt: now,
  };
  world.store.directoryGroups.put(group);
  emit(world, 'dsync.group.created', directoryGroupJson(group), group.organizationId);
  return group;
}

export function deleteGroup(world: World, group: DirectoryGroup): void {
  const members = world.store.directoryUsers.list('group', group.id);
  world.store.directoryGroups.delete(group.id);
  for (const user of members) {
    const groupIds = user.groupIds.filter((id) => id !== group.id);
    world.store.directoryUsers.put({ ...user, groupIds });
  }
  emit(world, 'dsync.group.deleted', directoryGroupJson(group), group.organizationId);
  realign(world, members);
}

/** Maps a group to a role, or to none; the roles of its members follow. */
export function mapGroup(world: World, group: DirectoryGroup, role: Role | null): DirectoryGroup {
  const mapped = { ...group, roleId: role?.id ?? null, updatedAt: world.now() };
  world.store.directoryGroups.put(mapped);
  realign(world, world.store.directoryUsers.list('group', group.id));
  return mapped;
}

function realign(world: World, users: readonly DirectoryUser[]): void {
  for (const user of users) {
    const current = world.store.directoryUsers.find(user.id);
    if (current) alignMembership(world, current);
  }
}

function mappedRoles(world: World, user: DirectoryUser): readonly Role[] {
  const roles = user.groupIds
    .flatMap((id) => world.store.directoryGroups.find(id)?.roleId ?? [])
    .flatMap((id) => world.store.roles.find(id) ?? [])
    .toSorted(byPriority(world));
  if (roles.length === 0) return [defaultRole(world)];
  return world.settings.multipleRoles ? roles : roles.slice(0, 1);
}

function announceGroup(
  world: World,
  what: 'user_added' | 'user_removed',
  user: DirectoryUser,
  groupId: string,
): void {
  const group = world.store.directoryGroups.find(groupId);
  if (!group) return;
  const data = {
    directory_id: user.directoryId,
    user: directoryUserJson(user),
    group: directoryGroupJson(group),
  };
  emit(world, `dsync.group.${what}`, data, user.organizationId);
}

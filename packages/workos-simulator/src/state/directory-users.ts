import { directoryUserJson } from '../wire/index.ts';
import type { DirectoryUser } from './records.ts';
import { notFound } from './refusal.ts';
import { pairKey } from './store.ts';
import { emit, type World } from './world.ts';

/** The entry that an organization's directory has for a user. */
export function findDirectoryUser(
  world: World,
  organizationId: string,
  userId: string,
): DirectoryUser | undefined {
  return world.store.directoryUsers.first('pair', pairKey(organizationId, userId));
}

/** @throws Refusal 404 */
export function getDirectoryUser(
  world: World,
  organizationId: string,
  userId: string,
): DirectoryUser {
  const user = findDirectoryUser(world, organizationId, userId);
  if (!user) throw notFound('Directory user', userId);
  return user;
}

/** Stores an entry and says so. */
export function saveDirectoryUser(
  world: World,
  user: DirectoryUser,
  what: 'created' | 'updated' = 'updated',
): DirectoryUser {
  const saved = { ...user, updatedAt: world.now() };
  world.store.directoryUsers.put(saved);
  const data = directoryUserJson(saved);
  const payload = what === 'updated' ? { ...data, previous_attributes: {} } : data;
  emit(world, `dsync.user.${what}`, payload, saved.organizationId);
  return saved;
}

/** Takes an entry out of its directory. */
export function removeDirectoryUser(world: World, user: DirectoryUser): void {
  world.store.directoryUsers.delete(user.id);
  emit(world, 'dsync.user.deleted', directoryUserJson(user), user.organizationId);
}

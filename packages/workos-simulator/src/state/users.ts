import { userJson } from '../wire/index.ts';
import { removeDirectoryUser } from './directory-users.ts';
import { removeMembership } from './memberships.ts';
import { changedExternalId, changeMetadata, type MetadataChange } from './metadata.ts';
import type { User } from './records.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';
import { emit, type World } from './world.ts';

export interface UserInput {
  readonly email?: string | undefined;
  readonly emailVerified?: boolean | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly profilePictureUrl?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly metadata?: MetadataChange | undefined;
  readonly locale?: string | null | undefined;
}

/** What only the dashboard may do. */
export interface UserLiberties {
  /** Lets two users have one address, as after a merge or a reused mailbox. */
  readonly allowDuplicateEmail?: boolean | undefined;
}

/** @throws Refusal 404 */
export function getUser(world: World, id: string): User {
  const user = world.store.users.find(id);
  if (!user) throw notFound('User', id);
  return user;
}

/** The oldest user with this address, in any case of letters. */
export function findUserByEmail(world: World, email: string): User | undefined {
  return world.store.users.first('email', email.toLowerCase());
}

/**
 * Creates a user.
 * @throws Refusal 400 `user_creation_error` for a taken address or external id, `invalid_metadata`
 */
export function createUser(
  world: World,
  input: UserInput & { readonly email: string },
  liberties: UserLiberties = {},
): User {
  const errors: { code: string; message: string }[] = [];
  if (!liberties.allowDuplicateEmail && findUserByEmail(world, input.email)) {
    errors.push({ code: 'email_not_available', message: 'This email is not available.' });
  }
  if (input.externalId && world.store.users.first('externalId', input.externalId)) {
    errors.push({ code: 'external_id_already_used', message: 'This external id is in use.' });
  }
  if (errors.length > 0) {
    throw new Refusal(400, {
      code: 'user_creation_error',
      message: 'Could not create user.',
      errors,
    });
  }
  const now = world.now();
  const user: User = {
    id: world.ids.next('user'),
    email: input.email,
    emailVerified: input.emailVerified ?? false,
    firstName: input.firstName ?? null,
    lastName: input.lastName ?? null,
    profilePictureUrl: input.profilePictureUrl ?? null,
    externalId: changedExternalId(null, input.externalId),
    metadata: changeMetadata({}, input.metadata),
    lastSignInAt: null,
    locale: input.locale ?? null,
    createdAt: now,
    updatedAt: now,
  };
  world.store.users.put(user);
  emit(world, 'user.created', userJson(user), null);
  return user;
}

/**
 * Changes what `input` names; a change of nothing leaves no trace.
 * @throws Refusal 400 `email_not_available`, `external_id_already_used`, `invalid_metadata`
 */
export function updateUser(
  world: World,
  user: User,
  input: UserInput,
  liberties: UserLiberties = {},
): User {
  const { users } = world.store;
  if (input.email !== undefined && !liberties.allowDuplicateEmail) {
    const others = users.list('email', input.email.toLowerCase());
    if (others.some((other) => other.id !== user.id)) throw badRequest('email_not_available');
  }
  if (input.externalId) {
    const owner = users.first('externalId', input.externalId);
    if (owner && owner.id !== user.id) throw badRequest('external_id_already_used');
  }
  const changed: User = {
    ...user,
    email: input.email ?? user.email,
    emailVerified: input.emailVerified ?? user.emailVerified,
    firstName: kept(input.firstName, user.firstName),
    lastName: kept(input.lastName, user.lastName),
    profilePictureUrl: kept(input.profilePictureUrl, user.profilePictureUrl),
    externalId: changedExternalId(user.externalId, input.externalId),
    metadata: changeMetadata(user.metadata, input.metadata),
    locale: kept(input.locale, user.locale),
  };
  if (JSON.stringify(changed) === JSON.stringify(user)) return user;
  const updated = { ...changed, updatedAt: world.now() };
  users.put(updated);
  emit(world, 'user.updated', userJson(updated), null);
  return updated;
}

/** Deletes a user with all memberships and entries in directories. */
export function deleteUser(world: World, user: User): void {
  for (const entry of world.store.directoryUsers.list('user', user.id)) {
    removeDirectoryUser(world, entry);
  }
  for (const membership of world.store.memberships.list('user', user.id)) {
    removeMembership(world, membership);
  }
  world.store.users.delete(user.id);
  emit(world, 'user.deleted', userJson(user), null);
}

function kept(value: string | null | undefined, before: string | null): string | null {
  return value === undefined ? before : value;
}

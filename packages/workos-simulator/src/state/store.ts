import type {
  Directory,
  DirectoryGroup,
  DirectoryUser,
  Invitation,
  Membership,
  Organization,
  Role,
  User,
} from './records.ts';
import { OrderedIds } from './ordered-ids.ts';
import { Table } from './table.ts';

/**
 * Everything an environment holds, with the indexes its lists are served from: no list that is
 * filtered by organization or by user looks at anything else.
 */
export interface Store {
  readonly organizations: Table<Organization, 'externalId' | 'domain' | 'name' | 'stripe'>;
  readonly users: Table<User, 'externalId' | 'email'>;
  readonly memberships: Table<
    Membership,
    'organization' | 'organizationStatus' | 'userStatus' | 'user' | 'pair' | 'role'
  >;
  /** The users of each organization, whatever the status of their membership. */
  readonly usersOf: Map<string, OrderedIds>;
  readonly roles: Table<Role, 'slug' | 'organization'>;
  /** Environment roles that are deleted and whose members are not yet reassigned. */
  readonly retiredRoles: Table<Role, never>;
  readonly invitations: Table<Invitation, 'organization' | 'email' | 'token'>;
  readonly directories: Table<Directory, 'organization'>;
  readonly directoryGroups: Table<DirectoryGroup, 'directory' | 'role'>;
  readonly directoryUsers: Table<DirectoryUser, 'directory' | 'group' | 'pair' | 'user'>;
}

/** The key of the index `pair`: an organization and a user. */
export function pairKey(organizationId: string, userId: string): string {
  return `${organizationId} ${userId}`;
}

/** The key of the index `slug`: a slug in an organization, or in the environment. */
export function slugKey(organizationId: string | null, slug: string): string {
  return `${organizationId ?? 'environment'} ${slug}`;
}

/** An empty environment. */
export function createStore(): Store {
  return {
    organizations: new Table<Organization, 'externalId' | 'domain' | 'name' | 'stripe'>({
      externalId: (organization) => optional(organization.externalId),
      domain: (organization) => organization.domains.map((domain) => domain.domain),
      name: (organization) => [organization.name],
      stripe: (organization) => optional(organization.stripeCustomerId),
    }),
    users: new Table<User, 'externalId' | 'email'>({
      externalId: (user) => optional(user.externalId),
      email: (user) => [user.email.toLowerCase()],
    }),
    memberships: new Table<
      Membership,
      'organization' | 'organizationStatus' | 'userStatus' | 'user' | 'pair' | 'role'
    >({
      organization: (membership) => [membership.organizationId],
      organizationStatus: (membership) => [`${membership.organizationId} ${membership.status}`],
      user: (membership) => [membership.userId],
      userStatus: (membership) => [`${membership.userId} ${membership.status}`],
      pair: (membership) => [pairKey(membership.organizationId, membership.userId)],
      role: (membership) => membership.roleIds,
    }),
    usersOf: new Map(),
    roles: new Table<Role, 'slug' | 'organization'>({
      slug: (role) => [slugKey(role.organizationId, role.slug)],
      organization: (role) => [role.organizationId ?? 'environment'],
    }),
    retiredRoles: new Table<Role, never>({}),
    invitations: new Table<Invitation, 'organization' | 'email' | 'token'>({
      organization: (invitation) => optional(invitation.organizationId),
      email: (invitation) => [invitation.email.toLowerCase()],
      token: (invitation) => [invitation.token],
    }),
    directories: new Table<Directory, 'organization'>({
      organization: (directory) => [directory.organizationId],
    }),
    directoryGroups: new Table<DirectoryGroup, 'directory' | 'role'>({
      directory: (group) => [group.directoryId],
      role: (group) => optional(group.roleId),
    }),
    directoryUsers: new Table<DirectoryUser, 'directory' | 'group' | 'pair' | 'user'>({
      directory: (user) => [user.directoryId],
      group: (user) => user.groupIds,
      pair: (user) => [pairKey(user.organizationId, user.userId)],
      user: (user) => [user.userId],
    }),
  };
}

/**
 * Stores a membership. INVARIANT (one membership per organization and user): the caller has looked for
 * one with the index `pair`, so `usersOf` can be a plain set.
 */
export function saveMembership(store: Store, membership: Membership): void {
  store.memberships.put(membership);
  const users = store.usersOf.get(membership.organizationId) ?? new OrderedIds();
  users.add(membership.userId);
  store.usersOf.set(membership.organizationId, users);
}

/** Forgets a membership. */
export function forgetMembership(store: Store, membership: Membership): void {
  store.memberships.delete(membership.id);
  store.usersOf.get(membership.organizationId)?.delete(membership.userId);
}

function optional(key: string | null): readonly string[] {
  return key === null ? [] : [key];
}

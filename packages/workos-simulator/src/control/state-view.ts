import { eventJson } from '../routes/index.ts';
import type { World } from '../state/index.ts';
import {
  directoryGroupJson,
  directoryJson,
  directoryUserJson,
  invitationJson,
  isoTime,
  type Json,
  membershipEventJson,
  organizationJson,
  roleJson,
  userJson,
} from '../wire/index.ts';

/** Everything an environment holds, as the API shows it, with a few numbers on top. */
export interface SimulatorState {
  readonly environment_id: string;
  readonly now: string;
  readonly multiple_roles: boolean;
  readonly default_role: string;
  readonly role_priority: readonly string[];
  readonly organizations: readonly Json[];
  readonly users: readonly Json[];
  /** Of the environment and of all organizations; the latter have an `organization_id` here. */
  readonly roles: readonly Json[];
  /** Without the embedded user. */
  readonly organization_memberships: readonly Json[];
  readonly invitations: readonly Json[];
  readonly directories: readonly Json[];
  readonly directory_groups: readonly Json[];
  readonly directory_users: readonly Json[];
  readonly events: {
    readonly kept: number;
    readonly expired: number;
    readonly oldest: string | null;
    readonly newest: string | null;
    /** Present when asked for: whether the stream shows it yet, and the event. */
    readonly all?: readonly Json[];
  };
}

/** The whole state, for comparison; with all events when `withEvents`. */
export function viewState(world: World, withEvents = false): SimulatorState {
  const { store, settings } = world;
  const now = world.now();
  const events = world.events.toArray();
  return {
    environment_id: settings.environmentId,
    now: isoTime(now),
    multiple_roles: settings.multipleRoles,
    default_role: settings.defaultRoleSlug,
    role_priority: settings.rolePriority,
    organizations: store.organizations.toArray().map(organizationJson),
    users: store.users.toArray().map(userJson),
    roles: store.roles
      .toArray()
      .map((role) => ({ ...roleJson(role), organization_id: role.organizationId })),
    organization_memberships: store.memberships
      .toArray()
      .map((membership) => membershipEventJson(store, membership)),
    invitations: store.invitations.toArray().map((invitation) => invitationJson(invitation, now)),
    directories: store.directories.toArray().map((directory) => directoryJson(directory)),
    directory_groups: store.directoryGroups.toArray().map((group) => ({
      ...directoryGroupJson(group),
      role_slug: group.roleId === null ? null : (store.roles.find(group.roleId)?.slug ?? null),
    })),
    directory_users: store.directoryUsers
      .toArray()
      .map((user) => ({ ...directoryUserJson(user), user_id: user.userId, groups: user.groupIds })),
    events: {
      kept: events.length,
      expired: world.events.expired,
      oldest: events.at(0)?.id ?? null,
      newest: events.at(-1)?.id ?? null,
      ...(withEvents
        ? {
            all: events.map((event) => ({
              ...eventJson(event),
              organization_id: event.organizationId,
              visible: event.visibleAt <= now,
            })),
          }
        : {}),
    },
  };
}

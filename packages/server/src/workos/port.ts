import {
  type RemoteEvent,
  type RemoteMembership,
  type RemoteMembershipStatus,
  type RemoteOrganization,
  type RemoteRole,
  type RemoteUser,
} from './facts.ts';
import { type CallOptions } from './gate.ts';

/** What a caller may say about a list. */
export interface ListOptions extends CallOptions {
  /**
   * Told the remote id of an item that is there but cannot be read. Without it, one such item makes the
   * whole list `unexpected_answer`: what cannot be read must not look absent.
   */
  readonly onUnreadable?: (remoteId: string) => void;
}

export interface PageOptions extends ListOptions {
  /** The `next` of the page before. */
  readonly after?: string;
  /** 100 unless told otherwise, which is also the most. */
  readonly limit?: number;
}

/** One page, oldest first. */
export interface RemotePage<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null after the last one. */
  readonly next: string | null;
}

/** Which memberships: of an organization, of a user, or the one of both. */
export interface MembershipFilter {
  readonly organizationId?: string;
  readonly userId?: string;
  /** All three unless told otherwise. WorkOS would show the active ones only. */
  readonly statuses?: readonly RemoteMembershipStatus[];
}

/** Where to read the stream of events. */
export interface EventQuery {
  /** The types to be shown; WorkOS wants at least one. */
  readonly types: readonly string[];
  /** The id of the last event that was read. Not together with `since`. */
  readonly after?: string;
  /** ISO 8601: for a first read, without a cursor. */
  readonly since?: string;
  readonly limit?: number;
}

/** A stretch of the stream. */
export interface EventPage {
  /** Oldest first, ids strictly ascending, all after the cursor. */
  readonly events: readonly RemoteEvent[];
  /** What to ask for next; null when nothing was read and nothing was asked for. */
  readonly cursor: string | null;
  /** Whether WorkOS has more right now. */
  readonly more: boolean;
}

/** What tells an environment from others. There is no call that names it, but its roles have ids. */
export interface EnvironmentMark {
  /** The ids of the environment's roles, sorted. */
  readonly roleIds: readonly string[];
}

/**
 * WorkOS as Rolecall uses it. Every method sends one request, at most once and never again by itself, and
 * throws `WorkosFailure` (or `database_unavailable`, when the shared budget cannot be asked). The `all…`
 * methods send one per page, and fail as a whole when one page does: what was not seen is absent only
 * after such a listing has come to its end.
 */
export interface WorkosPort {
  /** The longest that one request can take, waiting for the budget included, with the default `waitMs`. */
  readonly longestCallMs: number;

  readonly getOrganization: (id: string, options?: CallOptions) => Promise<RemoteOrganization>;
  /** Nothing when no organization has this external id. */
  readonly findOrganizationByExternalId: (
    externalId: string,
    options?: CallOptions,
  ) => Promise<RemoteOrganization | undefined>;
  readonly listOrganizations: (page?: PageOptions) => Promise<RemotePage<RemoteOrganization>>;
  readonly allOrganizations: (options?: ListOptions) => AsyncIterable<RemoteOrganization>;
  /** External ids have at most 64 characters, metadata 10 keys of 40 and values of 600, in ASCII. */
  readonly createOrganization: (
    organization: OrganizationInput & { readonly name: string },
    options?: CallOptions,
  ) => Promise<RemoteOrganization>;
  /** Changes what it names. Metadata is merged key by key; null removes a key. */
  readonly updateOrganization: (
    id: string,
    change: OrganizationInput,
    options?: CallOptions,
  ) => Promise<RemoteOrganization>;

  /** An organization's own roles and those of the environment, told apart by `kind`; always whole. */
  readonly listRoles: (
    organizationId: string,
    options?: ListOptions,
  ) => Promise<readonly RemoteRole[]>;
  /** An organization's own role. `gone` also when only the environment has one of this slug. */
  readonly getOrganizationRole: (
    organizationId: string,
    slug: string,
    options?: CallOptions,
  ) => Promise<RemoteRole>;
  /** `organization_role_slug_conflict` when the slug is taken. */
  readonly createOrganizationRole: (
    organizationId: string,
    role: RoleInput & { readonly slug: string },
    options?: CallOptions,
  ) => Promise<RemoteRole>;
  readonly updateOrganizationRole: (
    organizationId: string,
    slug: string,
    change: Partial<RoleInput>,
    options?: CallOptions,
  ) => Promise<RemoteRole>;
  /** `role_has_assignments`, `role_has_group_role_mappings`; `gone` when it is not there. */
  readonly deleteOrganizationRole: (
    organizationId: string,
    slug: string,
    options?: CallOptions,
  ) => Promise<void>;
  /** In order of priority; always whole. */
  readonly listEnvironmentRoles: (options?: ListOptions) => Promise<readonly RemoteRole[]>;

  readonly getMembership: (id: string, options?: CallOptions) => Promise<RemoteMembership>;
  readonly listMemberships: (
    filter: MembershipFilter,
    page?: PageOptions,
  ) => Promise<RemotePage<RemoteMembership>>;
  readonly allMemberships: (
    filter: MembershipFilter,
    options?: ListOptions,
  ) => AsyncIterable<RemoteMembership>;
  /**
   * Replaces the whole role set; an empty one is `invalid_argument`. Throws `invalid_role`,
   * `multiple_roles_not_enabled`.
   */
  readonly setMembershipRoles: (
    id: string,
    roleSlugs: readonly string[],
    options?: CallOptions,
  ) => Promise<RemoteMembership>;

  readonly getUser: (id: string, options?: CallOptions) => Promise<RemoteUser>;
  readonly listUsers: (
    filter?: { readonly email?: string; readonly organizationId?: string },
    page?: PageOptions,
  ) => Promise<RemotePage<RemoteUser>>;
  readonly allUsers: (options?: ListOptions) => AsyncIterable<RemoteUser>;
  /** `external_id_already_used` when another user has it; null clears it. */
  readonly setUserExternalId: (
    id: string,
    externalId: string | null,
    options?: CallOptions,
  ) => Promise<RemoteUser>;

  /**
   * The next stretch of the stream. Throws `unknown_cursor` when the event of the cursor is not kept any
   * more; `events_out_of_order` and `events_restarted` when the answer cannot be trusted to miss nothing.
   */
  readonly listEvents: (asked: EventQuery, options?: CallOptions) => Promise<EventPage>;

  readonly readEnvironmentMark: (options?: CallOptions) => Promise<EnvironmentMark>;
}

/** What may be said about an organization. An absent field is left as it is. */
export interface OrganizationInput {
  /** Null clears it. */
  readonly externalId?: string | null;
  readonly metadata?: Readonly<Record<string, string | null>>;
}

export interface RoleInput {
  readonly name: string;
  readonly description: string | null;
}

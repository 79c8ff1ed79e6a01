/** Where a role lives: in one organization, or in the environment and so in all of them. */
export type RemoteRoleKind = 'organization' | 'environment';

/** A role as WorkOS shows it. A new `remoteId` under an old slug is another role. */
export interface RemoteRole {
  readonly remoteId: string;
  readonly kind: RemoteRoleKind;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  /** ISO 8601; for people, never for order. */
  readonly updatedAt: string;
}

export const remoteMembershipStatuses = ['active', 'inactive', 'pending'] as const;
export type RemoteMembershipStatus = (typeof remoteMembershipStatuses)[number];

/** A membership as WorkOS shows it. A new `remoteId` of the same pair is a new life. */
export interface RemoteMembership {
  readonly remoteId: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly status: RemoteMembershipStatus;
  /** A set: sorted, without repetition, never empty. */
  readonly roleSlugs: readonly string[];
  /**
   * Whether the answer listed all roles. The published schema promises only the first one, so where this
   * is false, `roleSlugs` is that one, and the absence of any other means nothing.
   */
  readonly rolesListed: boolean;
  /** A directory owns the membership, and with it the roles. */
  readonly directoryManaged: boolean;
  /** The profile that came along; null where the answer has none. */
  readonly user: RemoteUser | null;
  readonly updatedAt: string;
}

/** A person as WorkOS knows them. */
export interface RemoteUser {
  readonly remoteId: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly photoUrl: string | null;
  readonly externalId: string | null;
  readonly updatedAt: string;
}

/** A customer's organization in WorkOS. */
export interface RemoteOrganization {
  readonly remoteId: string;
  readonly name: string;
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly updatedAt: string;
}

/** One event of the stream. The payload is a hint about what to look at, never data to take over. */
export interface RemoteEvent {
  /** Ids of one environment ascend with time and are compared as strings. */
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly data: unknown;
}

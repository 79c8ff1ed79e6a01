/** Times are milliseconds since 1970. Records are replaced, never changed in place. */
interface Dated {
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type Metadata = Readonly<Record<string, string>>;

export interface OrganizationDomain extends Dated {
  readonly id: string;
  readonly domain: string;
  readonly state: 'pending' | 'verified';
}

export interface Organization extends Dated {
  readonly id: string;
  readonly name: string;
  readonly domains: readonly OrganizationDomain[];
  readonly metadata: Metadata;
  readonly externalId: string | null;
  readonly stripeCustomerId: string | null;
}

export interface User extends Dated {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly profilePictureUrl: string | null;
  readonly externalId: string | null;
  readonly metadata: Metadata;
  readonly lastSignInAt: number | null;
  readonly locale: string | null;
}

/** An environment role when `organizationId` is null, an organization's custom role otherwise. */
export interface Role extends Dated {
  readonly id: string;
  readonly organizationId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly permissions: readonly string[];
}

export type MembershipStatus = 'active' | 'inactive' | 'pending';

/** `roleIds` is never empty, without repetition, in priority order: the first one is the primary role. */
export interface Membership extends Dated {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly status: MembershipStatus;
  readonly roleIds: readonly string[];
  readonly directoryManaged: boolean;
}

export interface Invitation extends Dated {
  readonly id: string;
  readonly email: string;
  readonly state: 'pending' | 'accepted' | 'revoked';
  readonly acceptedAt: number | null;
  readonly revokedAt: number | null;
  readonly expiresAt: number;
  readonly organizationId: string | null;
  readonly inviterUserId: string | null;
  readonly acceptedUserId: string | null;
  readonly roleSlug: string | null;
  readonly token: string;
}

/** A customer's directory (SCIM or the like); an organization has at most one. */
export interface Directory extends Dated {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
}

/** `roleId` is the role that being in the group gives, or null when the group is not mapped. */
export interface DirectoryGroup extends Dated {
  readonly id: string;
  readonly directoryId: string;
  readonly organizationId: string;
  readonly idpId: string;
  readonly name: string;
  readonly roleId: string | null;
}

export interface DirectoryUser extends Dated {
  readonly id: string;
  readonly directoryId: string;
  readonly organizationId: string;
  readonly idpId: string;
  readonly userId: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly state: 'active' | 'suspended' | 'inactive';
  readonly groupIds: readonly string[];
}

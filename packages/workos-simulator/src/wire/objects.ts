import type { Invitation, Membership, Organization, Role, User } from '../state/records.ts';
import type { Store } from '../state/store.ts';

/** An object as it goes over the wire. */
export type Json = Readonly<Record<string, unknown>>;

let lastTime = { ms: 0, text: '1970-01-01T00:00:00.000Z' };

/** A time as WorkOS writes it. The last one is remembered, because most objects are dated now. */
export function isoTime(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

export function organizationJson(organization: Organization): Json {
  return {
    object: 'organization',
    id: organization.id,
    name: organization.name,
    domains: organization.domains.map((domain) => ({
      object: 'organization_domain',
      id: domain.id,
      organization_id: organization.id,
      domain: domain.domain,
      state: domain.state,
      verification_strategy: 'manual',
      created_at: isoTime(domain.createdAt),
      updated_at: isoTime(domain.updatedAt),
    })),
    metadata: organization.metadata,
    external_id: organization.externalId,
    ...(organization.stripeCustomerId === null
      ? {}
      : { stripe_customer_id: organization.stripeCustomerId }),
    created_at: isoTime(organization.createdAt),
    updated_at: isoTime(organization.updatedAt),
  };
}

export function userJson(user: User): Json {
  return {
    object: 'user',
    id: user.id,
    email: user.email,
    email_verified: user.emailVerified,
    first_name: user.firstName,
    last_name: user.lastName,
    profile_picture_url: user.profilePictureUrl,
    external_id: user.externalId,
    metadata: user.metadata,
    last_sign_in_at: isoTimeOrNull(user.lastSignInAt),
    locale: user.locale,
    created_at: isoTime(user.createdAt),
    updated_at: isoTime(user.updatedAt),
  };
}

export function roleJson(role: Role): Json {
  return {
    object: 'role',
    id: role.id,
    slug: role.slug,
    name: role.name,
    description: role.description,
    type: role.organizationId === null ? 'EnvironmentRole' : 'OrganizationRole',
    resource_type_slug: 'organization',
    permissions: role.permissions,
    created_at: isoTime(role.createdAt),
    updated_at: isoTime(role.updatedAt),
  };
}

/** The payload of `role.*` and `organization_role.*`, which is less than the API shows of a role. */
export function roleEventJson(role: Role): Json {
  const common = {
    slug: role.slug,
    resource_type_slug: 'organization',
    permissions: role.permissions,
    created_at: isoTime(role.createdAt),
    updated_at: isoTime(role.updatedAt),
  };
  return role.organizationId === null
    ? { object: 'role', ...common }
    : {
        object: 'organization_role',
        organization_id: role.organizationId,
        name: role.name,
        description: role.description,
        ...common,
      };
}

/** The payload of `organization_membership.*`. */
export function membershipEventJson(store: Store, membership: Membership): Json {
  const roles = membership.roleIds.map((id) => ({ slug: slugOf(store, id) }));
  return {
    object: 'organization_membership',
    id: membership.id,
    user_id: membership.userId,
    organization_id: membership.organizationId,
    status: membership.status,
    directory_managed: membership.directoryManaged,
    custom_attributes: {},
    role: roles[0],
    roles,
    created_at: isoTime(membership.createdAt),
    updated_at: isoTime(membership.updatedAt),
  };
}

export function membershipJson(store: Store, membership: Membership): Json {
  const organization = store.organizations.find(membership.organizationId);
  const user = store.users.find(membership.userId);
  return {
    ...membershipEventJson(store, membership),
    organization_name: organization?.name ?? '',
    user: user ? userJson(user) : undefined,
  };
}

/** An invitation that is still pending after its time counts as expired. */
export function invitationEventJson(invitation: Invitation, now: number): Json {
  const expired = invitation.state === 'pending' && invitation.expiresAt <= now;
  return {
    object: 'invitation',
    id: invitation.id,
    email: invitation.email,
    state: expired ? 'expired' : invitation.state,
    accepted_at: isoTimeOrNull(invitation.acceptedAt),
    revoked_at: isoTimeOrNull(invitation.revokedAt),
    expires_at: isoTime(invitation.expiresAt),
    organization_id: invitation.organizationId,
    inviter_user_id: invitation.inviterUserId,
    accepted_user_id: invitation.acceptedUserId,
    role_slug: invitation.roleSlug,
    created_at: isoTime(invitation.createdAt),
    updated_at: isoTime(invitation.updatedAt),
  };
}

export function invitationJson(invitation: Invitation, now: number): Json {
  return {
    ...invitationEventJson(invitation, now),
    token: invitation.token,
    accept_invitation_url: `https://accept.invalid/invite?invitation_token=${invitation.token}`,
  };
}

function slugOf(store: Store, roleId: string): string {
  return (store.roles.find(roleId) ?? store.retiredRoles.find(roleId))?.slug ?? '';
}

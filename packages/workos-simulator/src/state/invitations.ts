import { drawToken } from '../identifiers.ts';
import { invitationEventJson } from '../wire/index.ts';
import {
  changeMembership,
  createMembership,
  findMembership,
  removeMembership,
} from './memberships.ts';
import type { Invitation, User } from './records.ts';
import { badRequest, notFound } from './refusal.ts';
import { findRoleOf } from './roles.ts';
import { createUser, findUserByEmail, getUser, updateUser } from './users.ts';
import { emit, type World } from './world.ts';

const DAY_MS = 86_400_000;

export interface InvitationInput {
  readonly email: string;
  readonly organizationId?: string | undefined;
  readonly roleSlug?: string | undefined;
  readonly expiresInDays?: number | undefined;
  readonly inviterUserId?: string | undefined;
}

/** @throws Refusal 404 */
export function getInvitation(world: World, id: string): Invitation {
  const invitation = world.store.invitations.find(id);
  if (!invitation) throw notFound('Invitation', id);
  return invitation;
}

/**
 * Invites an address. Into an organization, this makes the user, when there is none, and a pending
 * membership at once.
 * @throws Refusal 404 for the organization; 400 `invalid_role`, `user_already_organization_member`,
 *   `email_already_invited_to_organization`, `email_already_invited`, `user_already_exists`,
 *   `expires_in_days_too_short`, `expires_in_days_too_long`
 */
export function invite(world: World, input: InvitationInput): Invitation {
  const days = input.expiresInDays ?? 7;
  if (days < 1) throw badRequest('expires_in_days_too_short');
  if (days > 30) throw badRequest('expires_in_days_too_long');
  if (input.inviterUserId !== undefined) getUser(world, input.inviterUserId);
  const roleSlug =
    input.organizationId === undefined ? null : admit(world, input, input.organizationId);
  if (input.organizationId === undefined) refuseKnown(world, input.email);
  const now = world.now();
  const id = world.ids.next('invitation');
  const invitation: Invitation = {
    id,
    email: input.email,
    state: 'pending',
    acceptedAt: null,
    revokedAt: null,
    expiresAt: now + days * DAY_MS,
    organizationId: input.organizationId ?? null,
    inviterUserId: input.inviterUserId ?? null,
    acceptedUserId: null,
    roleSlug,
    token: drawToken(25, world.seed, 'invitation', id),
    createdAt: now,
    updatedAt: now,
  };
  return save(world, invitation, 'created');
}

/**
 * Accepts an invitation: the address counts as verified and the membership becomes active.
 * @throws Refusal 400 `invite_not_pending`
 */
export function acceptInvitation(world: World, invitation: Invitation): Invitation {
  const now = world.now();
  if (invitation.state !== 'pending' || invitation.expiresAt <= now) {
    throw badRequest('invite_not_pending', 'Invite is not pending.');
  }
  const user = verifiedUser(world, invitation.email);
  if (invitation.organizationId !== null) {
    const membership = findMembership(world, invitation.organizationId, user.id);
    if (membership) changeMembership(world, membership, { status: 'active' });
    else createMembership(world, { organizationId: invitation.organizationId, userId: user.id });
  }
  const accepted = { state: 'accepted', acceptedAt: now, acceptedUserId: user.id } as const;
  return save(world, { ...invitation, ...accepted, updatedAt: now }, 'accepted');
}

/**
 * Revokes an invitation; the pending membership goes with it.
 * @throws Refusal 400 `invite_not_pending`
 */
export function revokeInvitation(world: World, invitation: Invitation): Invitation {
  if (invitation.state !== 'pending') {
    throw badRequest('invite_not_pending', 'Invite is not pending.');
  }
  const user = findUserByEmail(world, invitation.email);
  if (invitation.organizationId !== null && user) {
    const membership = findMembership(world, invitation.organizationId, user.id);
    if (membership?.status === 'pending') removeMembership(world, membership);
  }
  const now = world.now();
  return save(
    world,
    { ...invitation, state: 'revoked', revokedAt: now, updatedAt: now },
    'revoked',
  );
}

/** Makes the pending membership and returns the slug of its role. */
function admit(world: World, input: InvitationInput, organizationId: string): string {
  if (!world.store.organizations.find(organizationId))
    throw notFound('Organization', organizationId);
  const slug = input.roleSlug ?? world.settings.defaultRoleSlug;
  if (!findRoleOf(world, organizationId, slug)) throw badRequest('invalid_role');
  const known = findUserByEmail(world, input.email);
  const membership = known && findMembership(world, organizationId, known.id);
  if (membership?.status === 'pending') throw badRequest('email_already_invited_to_organization');
  if (membership) throw badRequest('user_already_organization_member');
  const user = known ?? createUser(world, { email: input.email });
  createMembership(world, {
    organizationId,
    userId: user.id,
    roleSlugs: [slug],
    status: 'pending',
  });
  return slug;
}

function refuseKnown(world: World, email: string): void {
  if (findUserByEmail(world, email)) throw badRequest('user_already_exists');
  const open = world.store.invitations
    .list('email', email.toLowerCase())
    .some((invitation) => invitation.state === 'pending' && invitation.expiresAt > world.now());
  if (open) throw badRequest('email_already_invited');
}

function verifiedUser(world: World, email: string): User {
  const user = findUserByEmail(world, email);
  if (!user) return createUser(world, { email, emailVerified: true });
  return user.emailVerified ? user : updateUser(world, user, { emailVerified: true });
}

function save(
  world: World,
  invitation: Invitation,
  what: 'created' | 'accepted' | 'revoked',
): Invitation {
  world.store.invitations.put(invitation);
  const data = invitationEventJson(invitation, world.now());
  emit(world, `invitation.${what}`, data, invitation.organizationId);
  return invitation;
}

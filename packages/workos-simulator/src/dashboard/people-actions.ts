import { z } from 'zod';
import {
  acceptInvitation,
  createMembership,
  createUser,
  deactivateMembership,
  deleteUser,
  findUserByEmail,
  type Invitation,
  invite,
  notFound,
  reactivateMembership,
  removeMembership,
  replaceRoles,
  revokeInvitation,
  updateUser,
  type World,
} from '../state/index.ts';
import { invitationJson, membershipJson, userJson } from '../wire/index.ts';
import { action } from './action.ts';
import {
  memberOf,
  memberReference,
  organizationOf,
  organizationReference,
  userOf,
  userReference,
} from './references.ts';

const profile = {
  firstName: z.string().nullable().optional(),
  lastName: z.string().nullable().optional(),
  profilePictureUrl: z.string().nullable().optional(),
  emailVerified: z.boolean().optional(),
  externalId: z.string().nullable().optional(),
  allowDuplicateEmail: z.boolean().optional(),
};
const roles = z.array(z.string()).optional();
const invitationReference = z.object({
  invitation: z.string().optional(),
  organization: organizationReference.optional(),
  email: z.string().optional(),
});

/** What is done to users, invitations and members. */
export const peopleActions = {
  createUser: action(z.object({ email: z.string(), ...profile }), (world, input) =>
    userJson(createUser(world, input, input)),
  ),
  updateUser: action(
    z.object({ user: userReference, email: z.string().optional(), ...profile }),
    (world, input) => userJson(updateUser(world, userOf(world, input.user), input, input)),
  ),
  changeEmail: action(
    z.object({
      user: userReference,
      email: z.string(),
      allowDuplicateEmail: z.boolean().optional(),
    }),
    (world, input) =>
      userJson(updateUser(world, userOf(world, input.user), { email: input.email }, input)),
  ),
  deleteUser: action(z.object({ user: userReference }), (world, input) => {
    const user = userOf(world, input.user);
    deleteUser(world, user);
    return userJson(user);
  }),
  /** Deletes a user and makes another with the same profile: a new id, no memberships. */
  recreateUser: action(z.object({ user: userReference }), (world, input) => {
    const user = userOf(world, input.user);
    deleteUser(world, user);
    return userJson(createUser(world, { ...user, externalId: null }));
  }),
  /** Adds a member; an address that nobody has makes a user. */
  addMember: action(
    z.object({ organization: organizationReference, user: userReference, roles, ...profile }),
    (world, input) => {
      const user =
        world.store.users.find(input.user) ??
        findUserByEmail(world, input.user) ??
        createUser(world, { emailVerified: true, ...input, email: input.user });
      const membership = createMembership(world, {
        organizationId: organizationOf(world, input.organization).id,
        userId: user.id,
        roleSlugs: input.roles,
      });
      return membershipJson(world.store, membership);
    },
  ),
  changeMemberRoles: action(
    z.object({ ...memberReference, roles: z.array(z.string()) }),
    (world, input) =>
      membershipJson(world.store, replaceRoles(world, memberOf(world, input), input.roles)),
  ),
  suspendMember: action(z.object(memberReference), (world, input) =>
    membershipJson(world.store, deactivateMembership(world, memberOf(world, input))),
  ),
  reactivateMember: action(z.object(memberReference), (world, input) =>
    membershipJson(world.store, reactivateMembership(world, memberOf(world, input))),
  ),
  removeMember: action(z.object(memberReference), (world, input) => {
    const membership = memberOf(world, input);
    const shown = membershipJson(world.store, membership);
    removeMembership(world, membership);
    return shown;
  }),
  /** Removes a member and adds the same user again: a new membership id. */
  recreateMember: action(z.object({ ...memberReference, roles }), (world, input) => {
    const { organizationId, userId, ...membership } = memberOf(world, input);
    removeMembership(world, { ...membership, organizationId, userId });
    return membershipJson(
      world.store,
      createMembership(world, { organizationId, userId, roleSlugs: input.roles }),
    );
  }),
  invite: action(
    z.object({
      email: z.string(),
      organization: organizationReference.optional(),
      role: z.string().optional(),
      expiresInDays: z.number().optional(),
    }),
    (world, { organization, role, ...input }) => {
      const invitation = invite(world, {
        ...input,
        roleSlug: role,
        organizationId:
          organization === undefined ? undefined : organizationOf(world, organization).id,
      });
      return invitationJson(invitation, world.now());
    },
  ),
  acceptInvitation: action(invitationReference, (world, input) =>
    invitationJson(acceptInvitation(world, invitationOf(world, input)), world.now()),
  ),
  revokeInvitation: action(invitationReference, (world, input) =>
    invitationJson(revokeInvitation(world, invitationOf(world, input)), world.now()),
  ),
};

function invitationOf(world: World, reference: z.infer<typeof invitationReference>): Invitation {
  const { invitations } = world.store;
  if (reference.invitation !== undefined) {
    const found = invitations.find(reference.invitation);
    if (found) return found;
    throw notFound('Invitation', reference.invitation);
  }
  const organizationId =
    reference.organization === undefined ? null : organizationOf(world, reference.organization).id;
  const email = reference.email ?? '';
  const found = invitations
    .list('email', email.toLowerCase())
    .findLast((invitation) => invitation.organizationId === organizationId);
  if (!found) throw notFound('Invitation', email);
  return found;
}

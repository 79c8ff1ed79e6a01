/** What an environment holds, and the commands that change it, each with its event; no I/O. */
export { findInconsistencies } from './consistency.ts';
export {
  alignMembership,
  connectDirectory,
  createGroup,
  deleteGroup,
  deprovision,
  disconnectDirectory,
  enrol,
  expel,
  getDirectoryOf,
  mapGroup,
  provision,
  reprovision,
  setGroups,
} from './directories.ts';
export { findDirectoryUser, saveDirectoryUser } from './directory-users.ts';
export { PUNCTUAL } from './event-log.ts';
export { type LoggedEvent } from './logged-event.ts';
export { type EventPage, type EventQuery } from './event-reading.ts';
export { acceptInvitation, getInvitation, invite, revokeInvitation } from './invitations.ts';
export {
  changeMembership,
  createMembership,
  deactivateMembership,
  findMembership,
  getMembership,
  reactivateMembership,
  removeMembership,
  replaceRoles,
} from './memberships.ts';
export { OrderedIds } from './ordered-ids.ts';
export {
  createOrganization,
  deleteOrganization,
  getOrganization,
  type OrganizationInput,
  updateOrganization,
} from './organizations.ts';
export type {
  Directory,
  DirectoryGroup,
  DirectoryUser,
  Invitation,
  Membership,
  MembershipStatus,
  Organization,
  Role,
  User,
} from './records.ts';
export { badRequest, conflict, invalidParameters, notFound, Refusal } from './refusal.ts';
export { resumeRetirements, retireEnvironmentRole, takeRole } from './role-retirement.ts';
export {
  createEnvironmentRole,
  createOrganizationRole,
  deleteOrganizationRole,
  findRoleOf,
  getRole,
  listEnvironmentRoles,
  listRolesOf,
  removeRole,
  updateRole,
} from './roles.ts';
export { saveMembership, type Store } from './store.ts';
export {
  createUser,
  deleteUser,
  findUserByEmail,
  getUser,
  updateUser,
  type UserInput,
} from './users.ts';
export { createWorld, emit, type World } from './world.ts';

/** Organizations, users and memberships, and the one lock that every deciding write begins with. */
export {
  announceChange,
  type AnnouncedChange,
  announcedOrganization,
  readAnnouncement,
} from './announcement.ts';
export { type Changed, changePart, describeChange } from './changes.ts';
export { type Counters, getCounters } from './counters-store.ts';
export {
  emailProblem,
  identifierProblem,
  lineProblem,
  normalizeLine,
  paragraphProblem,
  refuseProblems,
} from './fields.ts';
export {
  buryMembership,
  ensureUsers,
  findDeletedUsers,
  findUserByEmail,
  insertMemberships,
  type NewMembership,
  updateProfiles,
} from './memberships-store.ts';
export { lockAndRead, lockOrganization, type OrganizationLock } from './organization-lock.ts';
export { organizationNotFound } from './organization-not-found.ts';
export { type Organization } from './organization.ts';
export {
  findOrganization,
  findOrganizationClash,
  insertOrganization,
  organizationExists,
  updateEnforcement,
  updateOrganizationRow,
} from './organizations-store.ts';
export { getOrganization, listOrganizations, type OrganizationFilter } from './organizations.ts';
export {
  findLinkedOrganization,
  insertRemoteMembership,
  type MembershipFacts,
  type RemotePerson,
  suspendRemoteMembership,
  takePerson,
  updateRemoteMembership,
} from './remote-facts-store.ts';
export {
  generateId,
  randomLowerCase,
  type RandomSource,
  randomText,
  secureRandom,
} from './random.ts';

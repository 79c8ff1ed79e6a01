/** How objects look to a client. */
export {
  deletedDirectoryJson,
  directoryGroupJson,
  directoryJson,
  directoryUserJson,
} from './directory-objects.ts';
export {
  invitationEventJson,
  invitationJson,
  isoTime,
  type Json,
  membershipEventJson,
  membershipJson,
  organizationJson,
  roleEventJson,
  roleJson,
  userJson,
} from './objects.ts';

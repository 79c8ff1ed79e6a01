/** What the emulator does not do as the published API does, by the name of the test of the port. */
export const portExceptions = {
  'merges metadata key by key and removes what is null': 'it replaces metadata as a whole',
  'tells roles of the organization from roles of the environment':
    'its list of an organization lacks the roles of the environment',
  'renames a role under the same id and slug': 'it updates roles by PUT, the API by PATCH',
  'refuses a slug that is taken': 'it answers 422 instead of 409',
  'keeps a role that somebody holds': 'it deletes the role and takes it from its holders',
  'replaces the role set of a membership, or says that several are not enabled':
    'its memberships have one role, and it ignores role_slugs',
  'refuses a role that does not exist': 'it ignores role_slugs',
  'lists memberships of every status, and those of one when asked to': 'it ignores statuses',
  'finds the membership of a user, with their profile': 'its memberships embed no user',
  'sets and clears the external id of a user, and refuses one that is taken':
    'it lets two users have the same one',
  'shows the stream of events in order, and goes on after a cursor':
    'its stream comes newest first, which the port refuses',
} as const;

/** What an interpreter says in the words of the API, so that the engine can be tried on the emulator at all. */
export const interpreted = {
  'PATCH of a role': 'the emulator has PUT',
  'a slug that is taken': '409 for its 422',
  'roles of an organization': 'those of the environment are added to its list',
  'the roles of a membership':
    'its one role is shown as `roles`, `role_slugs` of one is its `role_slug`, of several is refused with `multiple_roles_not_enabled`',
  'the stream of events':
    'asked for oldest first, its `role.…` of an organization is `organization_role.…`, types are filtered',
} as const;

/** What the engine answers and the emulator cannot make happen; the simulator does. */
export const unsupported = {
  'a member with several roles': 'its memberships have one role',
  'a role that cannot be deleted while somebody holds it': 'it deletes the role at once',
  'a role that is mapped from a directory group': 'it has no such mappings',
  'a role that is refused because it does not exist': 'it takes any slug',
  'a membership that a directory manages':
    'its memberships do not say so, and its directories change none',
  'a pending membership': 'its invitations make none',
  'an external id that another person has': 'it lets two have the same one',
  'a cursor older than the retention':
    'it keeps every event, and an unknown cursor starts it again',
  'events that come late, twice or in the wrong order': 'its events are there at once, once',
  'a webhook within the tolerance of three minutes':
    'it signs with seconds, the API with milliseconds, so every one is stale',
  'limits of rate, 429 and Retry-After': 'it has none',
  'answers that fail, hang or get lost': 'it has no faults',
} as const;

import { z } from 'zod';
import {
  alignMembership,
  changeMembership,
  connectDirectory,
  createGroup,
  deleteGroup,
  deprovision,
  type Directory,
  type DirectoryUser,
  disconnectDirectory,
  enrol,
  expel,
  findDirectoryUser,
  findRoleOf,
  getDirectoryOf,
  mapGroup,
  type Membership,
  notFound,
  provision,
  removeMembership,
  reprovision,
  saveDirectoryUser,
  setGroups,
  updateUser,
  type World,
} from '../state/index.ts';
import {
  directoryGroupJson,
  directoryJson,
  type Json,
  membershipJson,
  userJson,
} from '../wire/index.ts';
import { action } from './action.ts';
import {
  groupOf,
  memberOf,
  memberReference,
  organizationOf,
  organizationReference,
  userOf,
  userReference,
} from './references.ts';

const person = z.object({ organization: organizationReference, user: userReference });
const group = z.object({ organization: organizationReference, group: z.string() });

/** What a customer's directory does; what it does not have yet it makes. */
export const directoryActions = {
  connect: action(
    z.object({ organization: organizationReference, name: z.string().optional() }),
    (world, input) => {
      const organization = organizationOf(world, input.organization);
      const name = input.name ?? `${organization.name} directory`;
      return directoryJson(connectDirectory(world, organization.id, name));
    },
  ),
  disconnect: action(z.object({ organization: organizationReference }), (world, input) => {
    const directory = getDirectoryOf(world, organizationOf(world, input.organization).id);
    disconnectDirectory(world, directory);
    return directoryJson(directory);
  }),
  provision: action(
    z.object({
      organization: organizationReference,
      email: z.string(),
      firstName: z.string().nullable().optional(),
      lastName: z.string().nullable().optional(),
      groups: z.array(z.string()).optional(),
    }),
    (world, { organization, groups, ...input }) => {
      const directory = directoryFor(world, organization);
      const groupIds = groups?.map((name) => groupOf(world, directory.organizationId, name).id);
      return memberJson(world, provision(world, directory, { ...input, groupIds }));
    },
  ),
  /** Provisions many people at once: a storm of events. */
  importUsers: action(
    z.object({
      organization: organizationReference,
      count: z.number().int().min(1),
      prefix: z.string().default('imported'),
    }),
    (world, input) => {
      const directory = directoryFor(world, input.organization);
      for (let index = 1; index <= input.count; index += 1) {
        provision(world, directory, {
          email: `${input.prefix}-${index}@directory.example`,
          firstName: 'Imported',
          lastName: String(index),
        });
      }
      return directoryJson(directory);
    },
  ),
  /** Suspends a person: membership inactive, roles reset to the default one. */
  suspend: action(person, (world, input) =>
    shown(world, deprovision(world, entryOf(world, input), 'suspended')),
  ),
  deactivate: action(person, (world, input) =>
    shown(world, deprovision(world, entryOf(world, input), 'inactive')),
  ),
  /** Deactivates everybody in the directory. */
  deactivateAll: action(z.object({ organization: organizationReference }), (world, input) => {
    const directory = getDirectoryOf(world, organizationOf(world, input.organization).id);
    for (const user of world.store.directoryUsers.list('directory', directory.id)) {
      deprovision(world, user, 'inactive');
    }
    return directoryJson(directory);
  }),
  reactivate: action(person, (world, input) =>
    shown(world, reprovision(world, entryOf(world, input))),
  ),
  /** Takes a person out of the directory; the membership stays, inactive. */
  remove: action(person, (world, input) => shown(world, expel(world, entryOf(world, input)))),
  /** Deletes the membership and lets the directory make it again: a new membership id. */
  recreate: action(person, (world, input) => {
    const entry = entryOf(world, input);
    removeMembership(world, memberOf(world, input));
    return shown(world, alignMembership(world, entry));
  }),
  /** Sets or clears `directory_managed` without anything else. */
  setManaged: action(z.object({ ...memberReference, managed: z.boolean() }), (world, input) => {
    const change = { directoryManaged: input.managed };
    return shown(world, changeMembership(world, memberOf(world, input), change));
  }),
  changeEmail: action(person.extend({ email: z.string() }), (world, input) => {
    saveDirectoryUser(world, { ...entryOf(world, input), email: input.email });
    return userJson(updateUser(world, userOf(world, input.user), { email: input.email }));
  }),
  createGroup: action(
    z.object({ organization: organizationReference, name: z.string() }),
    (world, input) =>
      directoryGroupJson(createGroup(world, directoryFor(world, input.organization), input.name)),
  ),
  deleteGroup: action(group, (world, input) => {
    const found = groupOf(world, organizationOf(world, input.organization).id, input.group);
    deleteGroup(world, found);
    return directoryGroupJson(found);
  }),
  /** Maps a group to a role of the organization or the environment, or to none. */
  mapGroup: action(group.extend({ role: z.string().nullable() }), (world, input) => {
    const organization = organizationOf(world, input.organization);
    const role = input.role === null ? null : findRoleOf(world, organization.id, input.role);
    if (role === undefined) throw notFound('Role', input.role ?? '');
    return directoryGroupJson(mapGroup(world, groupOf(world, organization.id, input.group), role));
  }),
  setGroups: action(person.extend({ groups: z.array(z.string()) }), (world, input) => {
    const organization = organizationOf(world, input.organization);
    const groupIds = input.groups.map((name) => groupOf(world, organization.id, name).id);
    return shown(world, setGroups(world, entryOf(world, input), groupIds));
  }),
};

function directoryFor(world: World, reference: string): Directory {
  const organization = organizationOf(world, reference);
  const found = world.store.directories.first('organization', organization.id);
  return found ?? connectDirectory(world, organization.id, `${organization.name} directory`);
}

/** The directory's entry for a person; whoever is only a member is taken into the directory. */
function entryOf(world: World, reference: z.infer<typeof person>): DirectoryUser {
  const membership = memberOf(world, reference);
  const user = userOf(world, reference.user);
  const directory = directoryFor(world, reference.organization);
  const known = findDirectoryUser(world, membership.organizationId, user.id);
  return known ?? enrol(world, directory, user);
}

function memberJson(world: World, entry: DirectoryUser): Json {
  return shown(world, memberOf(world, { organization: entry.organizationId, user: entry.userId }));
}

function shown(world: World, membership: Membership): Json {
  return membershipJson(world.store, membership);
}

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { IdentifierPosition } from './identifiers.ts';
import {
  type Directory,
  type DirectoryGroup,
  type DirectoryUser,
  type Invitation,
  type LoggedEvent,
  type Membership,
  type Organization,
  resumeRetirements,
  type Role,
  saveMembership,
  type User,
  type World,
} from './state/index.ts';

const VERSION = 1;

/** An environment as it is kept in a file. Faults, keys and endpoints belong to the run, not to it. */
export interface Snapshot {
  readonly version: typeof VERSION;
  readonly environmentId: string;
  readonly multipleRoles: boolean;
  readonly defaultRoleSlug: string;
  readonly rolePriority: readonly string[];
  readonly identifiers: IdentifierPosition;
  readonly organizations: readonly Organization[];
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly retiredRoles: readonly Role[];
  readonly memberships: readonly Membership[];
  readonly invitations: readonly Invitation[];
  readonly directories: readonly Directory[];
  readonly directoryGroups: readonly DirectoryGroup[];
  readonly directoryUsers: readonly DirectoryUser[];
  readonly events: readonly LoggedEvent[];
  readonly expiredEvents: number;
}

/** The environment as it is now. */
export function takeSnapshot(world: World): Snapshot {
  const { store, settings } = world;
  return {
    version: VERSION,
    environmentId: settings.environmentId,
    multipleRoles: settings.multipleRoles,
    defaultRoleSlug: settings.defaultRoleSlug,
    rolePriority: settings.rolePriority,
    identifiers: world.ids.position(),
    organizations: store.organizations.toArray(),
    users: store.users.toArray(),
    roles: store.roles.toArray(),
    retiredRoles: store.retiredRoles.toArray(),
    memberships: store.memberships.toArray(),
    invitations: store.invitations.toArray(),
    directories: store.directories.toArray(),
    directoryGroups: store.directoryGroups.toArray(),
    directoryUsers: store.directoryUsers.toArray(),
    events: world.events.toArray(),
    expiredEvents: world.events.expired,
  };
}

/**
 * Fills an empty environment with a saved one.
 * @throws RangeError when it was saved by another environment
 */
export function restoreSnapshot(world: World, snapshot: Snapshot): void {
  const { store, settings } = world;
  if (snapshot.environmentId !== settings.environmentId) {
    throw new RangeError(`the state is of another environment: \`${snapshot.environmentId}\``);
  }
  settings.multipleRoles = snapshot.multipleRoles;
  settings.defaultRoleSlug = snapshot.defaultRoleSlug;
  settings.rolePriority = snapshot.rolePriority;
  world.ids.restore(snapshot.identifiers);
  for (const organization of snapshot.organizations) store.organizations.put(organization);
  for (const user of snapshot.users) store.users.put(user);
  for (const role of snapshot.roles) store.roles.put(role);
  for (const role of snapshot.retiredRoles) store.retiredRoles.put(role);
  for (const membership of snapshot.memberships) saveMembership(store, membership);
  for (const invitation of snapshot.invitations) store.invitations.put(invitation);
  for (const directory of snapshot.directories) store.directories.put(directory);
  for (const group of snapshot.directoryGroups) store.directoryGroups.put(group);
  for (const user of snapshot.directoryUsers) store.directoryUsers.put(user);
  world.events.replace(snapshot.events, snapshot.expiredEvents);
  resumeRetirements(world);
}

/**
 * Reads a saved environment; null when there is no such file.
 * @throws RangeError when the file is of another version
 */
export function readSnapshot(file: string): Snapshot | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const document = JSON.parse(text) as { readonly version: number };
  if (document.version !== VERSION) {
    throw new RangeError(`the state in \`${file}\` has version ${document.version}`);
  }
  return document as Snapshot;
}

/** Writes an environment to a file: whoever reads it finds the old state or the new one, never a part. */
export function writeSnapshot(file: string, snapshot: Snapshot): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  const handle = openSync(temporary, 'w');
  try {
    writeFileSync(handle, JSON.stringify(snapshot));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}

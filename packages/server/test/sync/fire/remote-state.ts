import { type SimulatorCore, type SimulatorState } from '@rolecall/workos-simulator';

/** A role in WorkOS; `organizationId` is null for one of the environment. */
export interface RemoteRole {
  readonly id: string;
  readonly organizationId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
}

export interface RemoteMembership {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly status: string;
  readonly directoryManaged: boolean;
  /** Slugs, sorted. */
  readonly roles: readonly string[];
}

export interface RemotePerson {
  readonly id: string;
  readonly email: string;
  readonly externalId: string | null;
}

/** What the other side holds, read past every fault. */
export interface RemoteState {
  readonly roles: readonly RemoteRole[];
  readonly memberships: readonly RemoteMembership[];
  readonly people: readonly RemotePerson[];
  readonly names: ReadonlyMap<string, string>;
}

/** Reads a simulator in the same process. */
export function readRemote(simulator: Pick<SimulatorCore, 'state'>): RemoteState {
  return remoteStateOf(simulator.state());
}

/** The same of a state that somebody else has read. */
export function remoteStateOf(state: SimulatorState): RemoteState {
  return {
    roles: state.roles.map((role) => ({
      id: text(role['id']),
      organizationId: optional(role['organization_id']),
      slug: text(role['slug']),
      name: text(role['name']),
      description: optional(role['description']),
    })),
    memberships: state.organization_memberships.map((one) => ({
      id: text(one['id']),
      userId: text(one['user_id']),
      organizationId: text(one['organization_id']),
      status: text(one['status']),
      directoryManaged: one['directory_managed'] === true,
      roles: (one['roles'] as readonly { readonly slug: string }[]).map(({ slug }) => slug).sort(),
    })),
    people: state.users.map((user) => ({
      id: text(user['id']),
      email: text(user['email']),
      externalId: optional(user['external_id']),
    })),
    names: new Map(state.organizations.map((one) => [text(one['id']), text(one['name'])])),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function optional(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

import type { SimulatorState } from '../src/index.ts';
import { type Json, textOf, without } from './json.ts';

/** What an empty model becomes by taking in a stream of events, knowing nothing but the stream. */
export interface ReplayedModel {
  readonly organizations: Map<string, Json>;
  readonly users: Map<string, Json>;
  readonly memberships: Map<string, Json>;
  readonly roles: Map<string, Json>;
  readonly invitations: Map<string, Json>;
}

/** Replays events, oldest first, onto nothing. */
export function replay(events: readonly Json[]): ReplayedModel {
  const model: ReplayedModel = {
    organizations: new Map(),
    users: new Map(),
    memberships: new Map(),
    roles: new Map(),
    invitations: new Map(),
  };
  for (const event of events) apply(model, String(event['event']), event['data'] as Json);
  return model;
}

function apply(model: ReplayedModel, type: string, data: Json): void {
  const [kind, what] = type.split('.');
  const table = {
    organization: model.organizations,
    user: model.users,
    organization_membership: model.memberships,
    organization_role: model.roles,
    role: model.roles,
    invitation: model.invitations,
  }[kind ?? ''];
  if (!table) return;
  const key = table === model.roles ? roleKey(data) : textOf(data, 'id');
  if (what === 'deleted') table.delete(key);
  else table.set(key, data);
  if (type === 'organization.deleted') {
    for (const [id, invitation] of model.invitations) {
      if (invitation['organization_id'] === key) model.invitations.delete(id);
    }
  }
}

/** What the state of a simulator would have to be replayed from. */
export function expectedModel(state: SimulatorState): ReplayedModel {
  const byId = (objects: readonly Json[]): Map<string, Json> =>
    new Map(objects.map((object) => [String(object['id']), object]));
  return {
    organizations: byId(state.organizations),
    users: byId(state.users),
    memberships: byId(state.organization_memberships),
    roles: new Map(state.roles.map((role) => [roleKey(role), eventOf(role)])),
    invitations: new Map(
      state.invitations.map((invitation) => [
        textOf(invitation, 'id'),
        without(invitation, 'token', 'accept_invitation_url'),
      ]),
    ),
  };
}

/** The part of a role that its events carry. */
function eventOf(role: Json): Json {
  const common = without(role, 'id', 'type', 'object');
  return role['organization_id'] === null
    ? { ...without(common, 'name', 'description', 'organization_id'), object: 'role' }
    : { ...common, object: 'organization_role' };
}

function roleKey(role: Json): string {
  return `${textOf(role, 'organization_id') || 'environment'} ${textOf(role, 'slug')}`;
}

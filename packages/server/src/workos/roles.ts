import { callName, type WorkosCall } from './call.ts';
import { type Caller } from './caller.ts';
import { type RemoteRole } from './facts.ts';
import { workosFailure } from './failure.ts';
import { type ListOptions, type RoleInput, type WorkosPort } from './port.ts';
import { nothingShape, rawPageShape, readItems, roleShape, subResourceRoleShape } from './wire.ts';

type Roles = Pick<
  WorkosPort,
  | 'listRoles'
  | 'getOrganizationRole'
  | 'createOrganizationRole'
  | 'updateOrganizationRole'
  | 'deleteOrganizationRole'
  | 'listEnvironmentRoles'
>;

const ALL = '/authorization/organizations/*/roles';
const ONE = '/authorization/organizations/*/roles/*';

/** The part of the port that is about roles. */
export function roleCalls(caller: Caller): Roles {
  return {
    listRoles: (organizationId, options) =>
      listWhole(caller, { method: 'GET', route: ALL, ids: [organizationId] }, options),
    getOrganizationRole: async (organizationId, slug, options) => {
      const call = { method: 'GET', route: ONE, ids: [organizationId, slug] } as const;
      const role = await caller(call, roleShape, options);
      // WorkOS falls back to the environment's role of the same slug, which is another role.
      if (role.kind !== 'organization' || role.slug !== slug) {
        throw workosFailure('gone', 'not_found', { call: callName(call) });
      }
      return role;
    },
    createOrganizationRole: (organizationId, { slug, ...role }, options) => {
      const body = { slug, ...bodyOf(role) };
      return caller(
        { method: 'POST', route: ALL, ids: [organizationId], body },
        roleShape,
        options,
      );
    },
    updateOrganizationRole: (organizationId, slug, change, options) => {
      const ids = [organizationId, slug];
      return caller({ method: 'PATCH', route: ONE, ids, body: bodyOf(change) }, roleShape, options);
    },
    deleteOrganizationRole: async (organizationId, slug, options) => {
      const ids = [organizationId, slug];
      await caller({ method: 'DELETE', route: ONE, ids }, nothingShape, options);
    },
    listEnvironmentRoles: (options) =>
      listWhole(caller, { method: 'GET', route: '/authorization/roles' }, options),
  };
}

async function listWhole(
  caller: Caller,
  call: WorkosCall,
  options: ListOptions = {},
): Promise<readonly RemoteRole[]> {
  const list = await caller(call, rawPageShape, options);
  if (list.next !== null) {
    // Were roles ever paged, the rest of them would look deleted.
    throw workosFailure('malformed', 'unexpected_answer', { call: callName(call) });
  }
  const roles = list.data.filter((role) => !subResourceRoleShape.safeParse(role).success);
  return readItems(call, roleShape, roles, options.onUnreadable);
}

function bodyOf({ name, description }: Partial<RoleInput>): Readonly<Record<string, unknown>> {
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
}

import { type Caller } from './caller.ts';
import { isWorkosFailure } from './failure.ts';
import { listAll, listPage } from './listing.ts';
import { type OrganizationInput, type WorkosPort } from './port.ts';
import { organizationShape } from './wire.ts';

type Organizations = Pick<
  WorkosPort,
  | 'getOrganization'
  | 'findOrganizationByExternalId'
  | 'listOrganizations'
  | 'allOrganizations'
  | 'createOrganization'
  | 'updateOrganization'
>;

const ALL = { method: 'GET', route: '/organizations' } as const;
const ONE = '/organizations/*';

/** The part of the port that is about organizations. */
export function organizationCalls(caller: Caller): Organizations {
  return {
    getOrganization: (id, options) =>
      caller({ method: 'GET', route: ONE, ids: [id] }, organizationShape, options),
    findOrganizationByExternalId: async (externalId, options) => {
      const route = '/organizations/external_id/*';
      try {
        return await caller(
          { method: 'GET', route, ids: [externalId] },
          organizationShape,
          options,
        );
      } catch (error) {
        if (isWorkosFailure(error, 'gone')) return undefined;
        throw error;
      }
    },
    listOrganizations: (page) => listPage(caller, ALL, organizationShape, page),
    allOrganizations: (options) => listAll(caller, ALL, organizationShape, options),
    createOrganization: ({ name, ...input }, options) => {
      const body = { name, ...bodyOf(input) };
      return caller({ method: 'POST', route: ALL.route, body }, organizationShape, options);
    },
    updateOrganization: (id, change, options) => {
      const body = bodyOf(change);
      return caller({ method: 'PUT', route: ONE, ids: [id], body }, organizationShape, options);
    },
  };
}

function bodyOf({ externalId, metadata }: OrganizationInput): Readonly<Record<string, unknown>> {
  return {
    ...(externalId !== undefined && { external_id: externalId }),
    ...(metadata !== undefined && { metadata: withoutNulls(metadata) }),
  };
}

/** WorkOS removes a key whose value is empty; its schema knows no null there. */
function withoutNulls(
  metadata: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, value ?? '']));
}

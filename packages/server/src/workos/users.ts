import { type Caller } from './caller.ts';
import { listAll, listPage } from './listing.ts';
import { type WorkosPort } from './port.ts';
import { userShape } from './wire.ts';

type Users = Pick<WorkosPort, 'getUser' | 'listUsers' | 'allUsers' | 'setUserExternalId'>;

const ALL = { method: 'GET', route: '/user_management/users' } as const;
const ONE = '/user_management/users/*';

/** The part of the port that is about users. */
export function userCalls(caller: Caller): Users {
  return {
    getUser: (id, options) => caller({ method: 'GET', route: ONE, ids: [id] }, userShape, options),
    listUsers: ({ email, organizationId } = {}, page) => {
      const query = {
        ...(email !== undefined && { email }),
        ...(organizationId !== undefined && { organization_id: organizationId }),
      };
      return listPage(caller, { ...ALL, query }, userShape, page);
    },
    allUsers: (options) => listAll(caller, ALL, userShape, options),
    setUserExternalId: (id, externalId, options) => {
      const body = { external_id: externalId };
      return caller({ method: 'PUT', route: ONE, ids: [id], body }, userShape, options);
    },
  };
}

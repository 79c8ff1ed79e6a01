import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';

export const deleteRole = writeRoute(
  endpoints.deleteRole,
  async ({ tx, params, ifMatch, context }) => {
    const args = { roleId: params.role_id, ...defined({ ifMatch }) };
    const { revision, epoch } = await roles.deleteRole(tx, params.org, args, context);
    return { committed: { organizationId: params.org, revision, epoch } };
  },
);

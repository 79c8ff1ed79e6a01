import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toGrantPayloads, toWireRole } from '../wire/index.ts';

export const updateRole = writeRoute(
  endpoints.updateRole,
  async ({ tx, params, body, ifMatch, context }) => {
    const args = {
      roleId: params.role_id,
      ...defined({
        name: body.name,
        description: body.description,
        grants: body.grants && toGrantPayloads(body.grants),
        memberIds: body.member_ids,
        ifMatch,
      }),
    };
    const { value, revision, epoch } = await roles.updateRole(tx, params.org, args, context);
    return {
      body: toWireRole(value),
      version: value.version,
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);

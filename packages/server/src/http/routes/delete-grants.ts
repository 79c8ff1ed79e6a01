import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';
import { toGrantPayloads } from '../wire/index.ts';

export const deleteGrants = writeRoute(
  endpoints.deleteGrants,
  async ({ tx, params, body, context }) => {
    const args = { principal: body.principal, grants: toGrantPayloads(body.grants) };
    const { revision, epoch } = await roles.deleteGrants(tx, params.org, args, context);
    return { committed: { organizationId: params.org, revision, epoch } };
  },
);

import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';
import { toGrantPayloads, toWireDirectGrant } from '../wire/index.ts';

export const createGrants = writeRoute(
  endpoints.createGrants,
  async ({ tx, params, body, context }) => {
    const args = { principal: body.principal, grants: toGrantPayloads(body.grants) };
    const { value, revision, epoch } = await roles.createGrants(tx, params.org, args, context);
    return {
      body: { data: value.map(toWireDirectGrant) },
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);

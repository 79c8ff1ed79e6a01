import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toGrantPayloads, toWireRole } from '../wire/index.ts';

export const createRole = writeRoute(
  endpoints.createRole,
  async ({ tx, params, body, context }) => {
    const args = {
      name: body.name,
      grants: toGrantPayloads(body.grants),
      ...defined({ description: body.description, memberIds: body.member_ids }),
    };
    const { value, revision, epoch } = await roles.createRole(tx, params.org, args, context);
    return {
      body: toWireRole(value),
      version: value.version,
      location: ['roles', value.id],
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);

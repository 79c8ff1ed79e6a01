import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';
import { toWireEnforcement } from '../wire/index.ts';

export const setEnforcement = writeRoute(
  endpoints.setEnforcement,
  async ({ tx, params, body, context }) => {
    const { value, revision, epoch } = await roles.setEnforcement(tx, params.org, body, context);
    return {
      body: toWireEnforcement(value),
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);

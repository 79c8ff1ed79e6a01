import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';
import { toWireMember } from '../wire/index.ts';

export const setMemberRoles = writeRoute(
  endpoints.setMemberRoles,
  async ({ tx, params, body, context }) => {
    const args = { userId: params.user_id, roleIds: body.role_ids };
    const { value, revision, epoch } = await roles.setMemberRoles(tx, params.org, args, context);
    return {
      body: toWireMember(value),
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);

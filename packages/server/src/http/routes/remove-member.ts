import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';

export const removeMember = writeRoute(endpoints.removeMember, async ({ tx, params, context }) => {
  const args = { userId: params.user_id };
  const { revision, epoch } = await roles.removeMember(tx, params.org, args, context);
  return { committed: { organizationId: params.org, revision, epoch } };
});

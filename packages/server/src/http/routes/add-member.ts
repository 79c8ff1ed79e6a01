import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toWireMember } from '../wire/index.ts';

export const addMember = writeRoute(endpoints.addMember, async ({ tx, params, body, context }) => {
  const args = {
    email: body.email,
    ...defined({ id: body.id, name: body.name, roleIds: body.role_ids }),
  };
  const { value, revision, epoch } = await roles.addMember(tx, params.org, args, context);
  return {
    body: toWireMember(value),
    ...(value.userId !== null && { location: ['members', value.userId] }),
    committed: { organizationId: params.org, revision, epoch },
  };
});

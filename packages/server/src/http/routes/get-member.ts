import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { readRoute } from '../route.ts';
import { toWireMember } from '../wire/index.ts';

export const getMember = readRoute(endpoints.getMember, async ({ service, params }) => {
  const member = await roles.getMember(service.database.db, params.org, params.user_id);
  return { body: toWireMember(member) };
});

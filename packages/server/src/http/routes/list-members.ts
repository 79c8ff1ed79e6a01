import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireMember, toWirePage } from '../wire/index.ts';

export const listMembers = readRoute(endpoints.listMembers, async ({ service, params, query }) => {
  const { role_id: roleId, ...rest } = query;
  const page = await roles.listMembers(
    service.database.db,
    params.org,
    defined({ ...rest, roleId }),
  );
  return { body: toWirePage(page, toWireMember) };
});

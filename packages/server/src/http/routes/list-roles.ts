import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWirePage, toWireRole } from '../wire/index.ts';

export const listRoles = readRoute(endpoints.listRoles, async ({ service, params, query }) => {
  const page = await roles.listRoles(service.database.db, params.org, defined(query));
  return { body: toWirePage(page, toWireRole) };
});

import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireDirectGrant, toWirePage } from '../wire/index.ts';

export const listGrants = readRoute(endpoints.listGrants, async ({ service, params, query }) => {
  const page = await roles.listGrants(service.database.db, params.org, defined(query));
  return { body: toWirePage(page, toWireDirectGrant) };
});

import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { readRoute } from '../route.ts';
import { toWireEnforcement } from '../wire/index.ts';

export const getEnforcement = readRoute(endpoints.getEnforcement, async ({ service, params }) => {
  const enforcement = await roles.getEnforcement(service.database.db, params.org);
  return { body: toWireEnforcement(enforcement) };
});

import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { readRoute } from '../route.ts';
import { toWireRole } from '../wire/index.ts';

export const getRole = readRoute(endpoints.getRole, async ({ service, params }) => {
  const role = await roles.getRole(service.database.db, params.org, params.role_id);
  return { body: toWireRole(role), version: role.version };
});

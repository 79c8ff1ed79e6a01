import { endpoints } from '@rolecall/contract';
import * as identity from '../../identity/index.ts';
import { readRoute } from '../route.ts';
import { toWireOrganization } from '../wire/index.ts';

export const getOrganization = readRoute(endpoints.getOrganization, async ({ service, params }) => {
  const organization = await identity.getOrganization(service.database.db, params.org);
  return { body: toWireOrganization(organization) };
});

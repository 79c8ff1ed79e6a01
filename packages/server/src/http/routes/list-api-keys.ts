import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { requireOrganization } from '../authentication.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireApiKey, toWirePage } from '../wire/index.ts';

export const listApiKeys = readRoute(endpoints.listApiKeys, async ({ service, query, apiKey }) => {
  const { organization_id: named, limit, cursor } = query;
  if (named !== undefined) requireOrganization(apiKey, named);
  const organizationId = named ?? apiKey.organizationId ?? undefined;
  const page = await roles.listApiKeys(
    service.database.db,
    defined({ limit, cursor, organizationId }),
  );
  return { body: toWirePage(page, toWireApiKey) };
});

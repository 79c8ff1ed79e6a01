import { endpoints } from '@rolecall/contract';
import * as identity from '../../identity/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireOrganization, toWirePage } from '../wire/index.ts';

export const listOrganizations = readRoute(
  endpoints.listOrganizations,
  async ({ service, query, apiKey }) => {
    const { search, limit, cursor } = query;
    const page = await identity.listOrganizations(
      service.database.db,
      defined({ limit, cursor }),
      defined({ search, onlyId: apiKey.organizationId ?? undefined }),
    );
    return { body: toWirePage(page, toWireOrganization) };
  },
);

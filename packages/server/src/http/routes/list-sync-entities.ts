import { endpoints } from '@rolecall/contract';
import * as sync from '../../sync/index.ts';
import { requireOrganization } from '../authentication.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWirePage, toWireSyncEntity } from '../wire/index.ts';

export const listSyncEntities = readRoute(
  endpoints.listSyncEntities,
  async ({ service, query, apiKey }) => {
    const { organization_id: named, ...filter } = query;
    if (named !== undefined) requireOrganization(apiKey, named);
    const organizationId = named ?? apiKey.organizationId ?? undefined;
    const page = await sync.listSyncEntities(
      service.database.db,
      defined({ ...filter, organizationId }),
    );
    return { body: toWirePage(page, toWireSyncEntity) };
  },
);

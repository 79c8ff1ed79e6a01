import { endpoints } from '@rolecall/contract';
import { getOrganization } from '../../identity/index.ts';
import * as sync from '../../sync/index.ts';
import { requireOrganization } from '../authentication.ts';
import { readRoute } from '../route.ts';
import { toWireSyncStatus } from '../wire/index.ts';

export const getSyncStatus = readRoute(
  endpoints.getSyncStatus,
  async ({ service, query, apiKey }) => {
    const { db } = service.database;
    const { organization_id: named } = query;
    if (named !== undefined) {
      requireOrganization(apiKey, named);
      await getOrganization(db, named);
    }
    const organizationId = named ?? apiKey.organizationId;
    const [status, brakes, health] = await Promise.all([
      sync.readSyncStatus(db, organizationId),
      sync.listTrippedBrakes(db, organizationId),
      service.sync?.readHealth(),
    ]);
    return { body: toWireSyncStatus(status, brakes, health) };
  },
);

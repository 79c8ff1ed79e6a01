import { endpoints } from '@rolecall/contract';
import * as sync from '../../sync/index.ts';
import { writeRoute } from '../route.ts';
import { getSyncEntity } from '../sync-access.ts';
import { toWireSyncEntity } from '../wire/index.ts';

export const retrySyncEntity = writeRoute(
  endpoints.retrySyncEntity,
  async ({ tx, params, apiKey }) => {
    await sync.retryEntity(tx, params.id, apiKey.organizationId);
    return { body: toWireSyncEntity(await getSyncEntity(tx, params.id, apiKey)) };
  },
);

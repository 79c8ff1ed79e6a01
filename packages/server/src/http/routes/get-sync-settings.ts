import { endpoints } from '@rolecall/contract';
import * as sync from '../../sync/index.ts';
import { readRoute } from '../route.ts';
import { requireEnvironmentKey } from '../sync-access.ts';
import { toWireSyncSettings } from '../wire/index.ts';

export const getSyncSettings = readRoute(endpoints.getSyncSettings, async ({ service, apiKey }) => {
  requireEnvironmentKey(apiKey);
  return { body: toWireSyncSettings(await sync.readSettings(service.database.db)) };
});

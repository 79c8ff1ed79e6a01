import { endpoints } from '@rolecall/contract';
import * as sync from '../../sync/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { requireEnvironmentKey } from '../sync-access.ts';
import { toWireHeldEvent, toWirePage } from '../wire/index.ts';

export const listSyncEvents = readRoute(
  endpoints.listSyncEvents,
  async ({ service, query, apiKey }) => {
    requireEnvironmentKey(apiKey);
    const { state = 'quarantined', ...page } = query;
    const events = await sync.listHeldEvents(service.database.db, { ...defined(page), state });
    return { body: toWirePage(events, toWireHeldEvent) };
  },
);

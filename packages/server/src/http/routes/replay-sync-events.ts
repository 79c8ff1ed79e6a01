import { endpoints } from '@rolecall/contract';
import * as sync from '../../sync/index.ts';
import { readRoute } from '../route.ts';
import { requireEnvironmentKey } from '../sync-access.ts';

export const replaySyncEvents = readRoute(
  endpoints.replaySyncEvents,
  async ({ service, body, apiKey }) => {
    requireEnvironmentKey(apiKey);
    const { db } = service.database;
    const replayed = await sync.replayEvents(db, body.event_id);
    const { total } = await sync.listHeldEvents(db, { state: 'quarantined', limit: 1 });
    service.sync?.nudge();
    return { body: { replayed, quarantined: total } };
  },
);

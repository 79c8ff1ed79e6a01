import { endpoints } from '@rolecall/contract';
import * as sync from '../../sync/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { requireEnvironmentKey } from '../sync-access.ts';
import { toWireSyncSettings } from '../wire/index.ts';

export const updateSyncSettings = writeRoute(
  endpoints.updateSyncSettings,
  async ({ tx, body, apiKey }) => {
    requireEnvironmentKey(apiKey);
    const change = defined({
      mode: body.mode,
      observeOnly: body.observe_only,
      brakeCount: body.brake_count,
      brakePercent: body.brake_percent,
      retentionDays: body.retention_days,
      marker: body.marker,
    });
    await sync.writeSettings(tx, change);
    return { body: toWireSyncSettings(await sync.readSettings(tx)) };
  },
);

import { endpoints } from '@rolecall/contract';
import { readRoute } from '../route.ts';
import { requireSync } from '../sync-access.ts';
import { toWireSyncDrift } from '../wire/index.ts';

export const findSyncDrift = readRoute(endpoints.findSyncDrift, async ({ service, params }) => {
  const report = await requireSync(service).repair(params.org, { dryRun: true });
  return { body: toWireSyncDrift(report, false) };
});

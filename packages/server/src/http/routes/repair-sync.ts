import { endpoints } from '@rolecall/contract';
import { readRoute } from '../route.ts';
import { requireSync } from '../sync-access.ts';
import { toWireSyncDrift } from '../wire/index.ts';

export const repairSync = readRoute(endpoints.repairSync, async ({ service, params, body }) => {
  const { dry_run: dryRun = true } = body;
  const report = await requireSync(service).repair(params.org, { dryRun });
  return { body: toWireSyncDrift(report, !dryRun) };
});

import { endpoints } from '@rolecall/contract';
import { readRoute } from '../route.ts';
import { getSyncEntity, requireSync } from '../sync-access.ts';
import { toWireSyncEntity } from '../wire/index.ts';

export const chooseSyncSide = readRoute(
  endpoints.chooseSyncSide,
  async ({ service, params, body, apiKey }) => {
    const { db } = service.database;
    const { organizationId } = await getSyncEntity(db, params.id, apiKey);
    const choice = { organizationId, entityId: params.id, side: body.side };
    await requireSync(service).chooseSide(choice);
    return { body: toWireSyncEntity(await getSyncEntity(db, params.id, apiKey)) };
  },
);

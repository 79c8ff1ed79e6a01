import { endpoints } from '@rolecall/contract';
import { getOrganization } from '../../identity/index.ts';
import * as sync from '../../sync/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';

export const releaseSyncBrake = readRoute(
  endpoints.releaseSyncBrake,
  async ({ service, params, body, apiKey, actor = `api_key:${apiKey.id}` }) => {
    const { db } = service.database;
    await getOrganization(db, params.org);
    const released = await sync.releaseBrake(db, {
      organizationId: params.org,
      actor,
      ...defined({ direction: body.direction }),
    });
    return { body: { released } };
  },
);

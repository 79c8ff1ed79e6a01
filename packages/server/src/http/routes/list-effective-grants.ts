import { endpoints } from '@rolecall/contract';
import { readRoute } from '../route.ts';
import { toWireEffectiveGrants } from '../wire/index.ts';

export const listEffectiveGrants = readRoute(
  endpoints.listEffectiveGrants,
  async ({ service, params }) => {
    const grants = await service.access.effectiveGrants(params.org, params.user_id);
    return { body: toWireEffectiveGrants(grants) };
  },
);

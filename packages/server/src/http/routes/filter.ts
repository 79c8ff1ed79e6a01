import { endpoints } from '@rolecall/contract';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';

export const filter = readRoute(endpoints.filter, async ({ service, params, body }) => {
  const { resourceIds, revision } = await service.access.filter(params.org, {
    principal: body.principal,
    scope: body.scope,
    resourceIds: body.resource_ids,
    ...defined({ dimensions: body.dimensions, consistency: body.consistency }),
  });
  const asked = body.resource_ids.length;
  service.metrics.countDecisions('filter', resourceIds.length, asked - resourceIds.length);
  return { body: { resource_ids: [...resourceIds], revision } };
});

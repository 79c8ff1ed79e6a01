import { endpoints, type FilterResult as WireFilterResult } from '@rolecall/contract';
import { type FilterResult } from '../../access/index.ts';
import { defined } from '../defined.ts';
import { type Metrics } from '../metrics.ts';
import { readRoute } from '../route.ts';

export const filter = readRoute(endpoints.filter, async ({ service, params, body }) => {
  const result = await service.access.filter(params.org, {
    principal: body.principal,
    scope: body.scope,
    resourceIds: body.resource_ids,
    ...defined({ dimensions: body.dimensions, consistency: body.consistency }),
  });
  return { body: filterReply(service.metrics, body.resource_ids.length, result) };
});

/** The answer as it goes over the wire, counted. */
export function filterReply(
  metrics: Metrics,
  asked: number,
  { resourceIds, revision }: FilterResult,
): WireFilterResult {
  metrics.countDecisions('filter', resourceIds.length, asked - resourceIds.length);
  return { resource_ids: [...resourceIds], revision };
}

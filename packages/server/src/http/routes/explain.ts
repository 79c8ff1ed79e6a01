import { endpoints } from '@rolecall/contract';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireExplanation } from '../wire/index.ts';

export const explain = readRoute(endpoints.explain, async ({ service, params, body }) => {
  const explanation = await service.access.explain(params.org, {
    principal: body.principal,
    check: defined(body.check),
    ...defined({ consistency: body.consistency }),
  });
  const { allowed } = explanation.decision;
  service.metrics.countDecisions('explain', allowed ? 1 : 0, allowed ? 0 : 1);
  return { body: toWireExplanation(explanation) };
});

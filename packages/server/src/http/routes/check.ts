import { type CheckResult as WireCheckResult, endpoints } from '@rolecall/contract';
import { type CheckResult } from '../../access/index.ts';
import { defined } from '../defined.ts';
import { type Metrics } from '../metrics.ts';
import { readRoute } from '../route.ts';
import { toWireDecision } from '../wire/index.ts';

export const check = readRoute(endpoints.check, async ({ service, params, body }) => {
  const result = await service.access.check(params.org, {
    principal: body.principal,
    checks: body.checks.map(defined),
    ...defined({ require: body.require, consistency: body.consistency }),
  });
  return { body: checkReply(service.metrics, result) };
});

/** The answer as it goes over the wire, counted. */
export function checkReply(
  metrics: Metrics,
  { allowed, decisions, revision }: CheckResult,
): WireCheckResult {
  let yes = 0;
  for (const decision of decisions) if (decision.allowed) yes += 1;
  metrics.countDecisions('check', yes, decisions.length - yes);
  return { allowed, decisions: decisions.map(toWireDecision), revision };
}

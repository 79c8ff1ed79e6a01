import { endpoints } from '@rolecall/contract';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireDecision } from '../wire/index.ts';

export const check = readRoute(endpoints.check, async ({ service, params, body }) => {
  const { allowed, decisions, revision } = await service.access.check(params.org, {
    principal: body.principal,
    checks: body.checks.map(defined),
    ...defined({ require: body.require, consistency: body.consistency }),
  });
  const yes = decisions.reduce((sum, decision) => sum + (decision.allowed ? 1 : 0), 0);
  service.metrics.countDecisions('check', yes, decisions.length - yes);
  return { body: { allowed, decisions: decisions.map(toWireDecision), revision } };
});

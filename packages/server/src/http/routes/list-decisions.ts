import { endpoints } from '@rolecall/contract';
import { listDecisions as list } from '../../decisions/index.ts';
import { readRoute } from '../route.ts';
import { toDecisionFilter, toWireLoggedDecision, toWirePage } from '../wire/index.ts';

export const listDecisions = readRoute(
  endpoints.listDecisions,
  async ({ service, params, query }) => {
    const { outcome, ...rest } = query;
    const filter = { outcome, ...toDecisionFilter(rest) };
    const page = await list(service.database.db, params.org, filter);
    return { body: toWirePage(page, toWireLoggedDecision) };
  },
);

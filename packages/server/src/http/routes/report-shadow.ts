import { endpoints } from '@rolecall/contract';
import { reportShadow as report } from '../../decisions/index.ts';
import { readRoute } from '../route.ts';
import { toDecisionFilter, toWirePage, toWireShadowedDecision } from '../wire/index.ts';

export const reportShadow = readRoute(
  endpoints.reportShadow,
  async ({ service, params, query }) => {
    const { database, access } = service;
    const page = await report(database.db, access, params.org, toDecisionFilter(query));
    return { body: toWirePage(page, toWireShadowedDecision) };
  },
);

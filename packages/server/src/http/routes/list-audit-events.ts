import { endpoints } from '@rolecall/contract';
import * as audit from '../../audit/index.ts';
import { defined } from '../defined.ts';
import { readRoute } from '../route.ts';
import { toWireAuditEvent, toWirePage } from '../wire/index.ts';

export const listAuditEvents = readRoute(
  endpoints.listAuditEvents,
  async ({ service, params, query }) => {
    const page = await audit.listAuditEvents(service.database.db, params.org, defined(query));
    return { body: toWirePage(page, toWireAuditEvent) };
  },
);

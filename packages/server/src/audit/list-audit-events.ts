import { type Reader } from '../database/index.ts';
import { getCounters } from '../identity/index.ts';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../paging/index.ts';
import { type AuditEvent, type AuditFilter } from './audit-event.ts';
import { countAuditEvents, pageAuditEvents } from './audit-store.ts';
import { readAuditFilter } from './read-audit-filter.ts';

/** One page of an organization's history, newest first. Throws `organization_not_found`, `invalid_request`. */
export async function listAuditEvents(
  reader: Reader,
  organizationId: string,
  page: PageRequest & AuditFilter,
): Promise<Page<AuditEvent>> {
  const limit = readLimit(page);
  const [before] = decodeCursor('audit_events', ['number'], page.cursor) ?? [];
  const filter = readAuditFilter(page);
  const { auditEvents, auditHead } = await getCounters(reader, organizationId);
  const request = { filter, before: before ?? String(auditHead + 1), count: limit + 1 };
  const rows = await pageAuditEvents(reader, organizationId, request);
  const total = Object.values(filter).every((value) => value === undefined)
    ? ({ total: auditEvents, totalIs: 'exact' } as const)
    : cappedTotal(await countAuditEvents(reader, organizationId, filter));
  return toPage(rows, {
    limit,
    total,
    toItem: (event) => event,
    cursorOf: ({ sequence }) => encodeCursor('audit_events', [sequence]),
  });
}

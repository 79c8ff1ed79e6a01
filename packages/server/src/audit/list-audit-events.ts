import { type Reader } from '../database/index.ts';
import { getCounters, refuseProblems } from '../identity/index.ts';
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

/** One page of an organization's history, newest first. Throws `organization_not_found`, `invalid_request`. */
export async function listAuditEvents(
  reader: Reader,
  organizationId: string,
  page: PageRequest & AuditFilter,
): Promise<Page<AuditEvent>> {
  const limit = readLimit(page);
  const [before] = decodeCursor('audit_events', ['number'], page.cursor) ?? [];
  const filter = readFilter(page);
  const { auditEvents } = await getCounters(reader, organizationId);
  const request = { filter, before: before ?? String(auditEvents + 1), count: limit + 1 };
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

function readFilter({ actor, subject, action, since, until }: AuditFilter): AuditFilter {
  refuseProblems({
    actor: textProblem(actor),
    subject: textProblem(subject),
    action: textProblem(action),
    since: instantProblem(since),
    until: instantProblem(until),
  });
  return { actor, subject, action, since, until };
}

function instantProblem(instant: string | undefined): string | undefined {
  const valid =
    instant === undefined || (/^\d{4}-/.test(instant) && !Number.isNaN(Date.parse(instant)));
  return valid ? undefined : 'must be an instant such as `2026-01-31T09:30:00Z`';
}

function textProblem(text: string | undefined): string | undefined {
  return text?.includes('\0') === true ? 'must not contain the character NUL' : undefined;
}

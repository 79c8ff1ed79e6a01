import { type Reader } from '../database/index.ts';
import { getCounters } from '../identity/index.ts';
import { type AuditEvent, type AuditFilter } from './audit-event.ts';
import { scanAuditEvents } from './audit-store.ts';
import { readAuditFilter } from './read-audit-filter.ts';

const BATCH = 1_000;

/**
 * All events that match, oldest first, in batches, up to the newest one at the moment of the call. A batch is
 * read when it is asked for, and nothing is held in between. Throws `organization_not_found`, `invalid_request`,
 * before the first batch.
 */
export async function exportAuditEvents(
  reader: Reader,
  organizationId: string,
  filter: AuditFilter,
): Promise<AsyncIterable<readonly AuditEvent[]>> {
  const conditions = readAuditFilter(filter);
  const { auditHead } = await getCounters(reader, organizationId);
  return batches(reader, organizationId, { filter: conditions, through: auditHead });
}

async function* batches(
  reader: Reader,
  organizationId: string,
  range: { readonly filter: AuditFilter; readonly through: number },
): AsyncGenerator<readonly AuditEvent[]> {
  let after = 0;
  for (;;) {
    const scan = { ...range, after, count: BATCH };
    const events = await scanAuditEvents(reader, organizationId, scan);
    if (events.length > 0) yield events;
    if (events.length < BATCH) return;
    after = events.at(-1)?.sequence ?? after;
  }
}

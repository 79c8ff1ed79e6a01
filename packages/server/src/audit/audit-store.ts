import { type JsonValue, query, type Reader, type Statement } from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type AuditEvent, type AuditFilter } from './audit-event.ts';

interface AuditEventRow {
  readonly sequence: number;
  readonly occurred_at: string;
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly request_id: string | null;
  readonly cause: string | null;
  readonly hash: string;
}

const COLUMNS = `sequence, occurred_at, revision, actor, action, subject, before, after, request_id, cause,
  encode(hash, 'hex') AS hash`;

interface AuditScan {
  readonly filter: AuditFilter;
  readonly after: number;
  readonly through: number;
  readonly count: number;
}

interface AuditPage {
  readonly filter: AuditFilter;
  /** Only events with a lower sequence. */
  readonly before: string;
  readonly count: number;
}

/** Events that match, newest first, at most `count`. */
export async function pageAuditEvents(
  reader: Reader,
  organizationId: string,
  page: AuditPage,
): Promise<readonly AuditEvent[]> {
  const rows = await query<AuditEventRow>(reader, pageAuditStatement(organizationId, page));
  return rows.map(toAuditEvent);
}

/** Events that match after one sequence and up to another, oldest first. */
export async function scanAuditEvents(
  reader: Reader,
  organizationId: string,
  scan: AuditScan,
): Promise<readonly AuditEvent[]> {
  const rows = await query<AuditEventRow>(reader, scanAuditStatement(organizationId, scan));
  return rows.map(toAuditEvent);
}

/** The statement of `scanAuditEvents`. */
export function scanAuditStatement(
  organizationId: string,
  { filter, after, through, count }: AuditScan,
): Statement {
  const { text, values } = conditionsOf(filter, 5);
  return {
    text: `SELECT ${COLUMNS} FROM rolecall.audit_events
      WHERE organization_id = $1 AND sequence > $2::bigint AND sequence <= $3::bigint ${text}
      ORDER BY sequence LIMIT $4`,
    values: [organizationId, after, through, count, ...values],
  };
}

/** The statement of `pageAuditEvents`. */
export function pageAuditStatement(
  organizationId: string,
  { filter, before, count }: AuditPage,
): Statement {
  const { text, values } = conditionsOf(filter, 4);
  return {
    text: `SELECT ${COLUMNS} FROM rolecall.audit_events
      WHERE organization_id = $1 AND sequence < $2::bigint ${text}
      ORDER BY sequence DESC LIMIT $3`,
    values: [organizationId, before, count, ...values],
  };
}

/** How many events match; counting stops one after the limit of exact totals. */
export async function countAuditEvents(
  reader: Reader,
  organizationId: string,
  filter: AuditFilter,
): Promise<number> {
  const { text, values } = conditionsOf(filter, 3);
  const [row] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (SELECT 1 FROM rolecall.audit_events
      WHERE organization_id = $1 ${text} LIMIT $2) counted`,
    values: [organizationId, COUNTED_TO + 1, ...values],
  });
  return row?.total ?? 0;
}

/**
 * Sequences rise with time, except where a clock was set back. Bounds of the sequence that are found by
 * time spare a walk through everything newer or older; an hour more on each side keeps them right.
 */
const OLDEST = (since: string): string => `sequence >= (SELECT sequence FROM rolecall.audit_events
  WHERE organization_id = $1 AND occurred_at >= ${since} - interval '1 hour'
  ORDER BY occurred_at LIMIT 1)`;
const NEWEST = (until: string): string => `sequence <= (SELECT sequence FROM rolecall.audit_events
  WHERE organization_id = $1 AND occurred_at < ${until} + interval '1 hour'
  ORDER BY occurred_at DESC LIMIT 1)`;

const CONDITIONS: Readonly<Record<keyof AuditFilter, (value: string) => string>> = {
  actor: (value) => `actor = ${value}`,
  subject: (value) => `subject = ${value}`,
  action: (value) => `action = ${value}`,
  since: (value) => `occurred_at >= ${value} AND ${OLDEST(value)}`,
  until: (value) => `occurred_at < ${value} AND ${NEWEST(value)}`,
};

/** The conditions of a filter, beginning with AND, and their values from the parameter `first` on. */
function conditionsOf(
  filter: AuditFilter,
  first: number,
): { readonly text: string; readonly values: readonly string[] } {
  const keys = Object.keys(CONDITIONS) as (keyof AuditFilter)[];
  const given = keys.flatMap((key) => {
    const value = filter[key];
    return value === undefined ? [] : [{ key, value }];
  });
  const parameter = (key: keyof AuditFilter, index: number): string =>
    `$${first + index}::${key === 'since' || key === 'until' ? 'timestamptz' : 'text'}`;
  return {
    text: given.map(({ key }, index) => `AND ${CONDITIONS[key](parameter(key, index))}`).join(' '),
    values: given.map(({ value }) => value),
  };
}

function toAuditEvent(row: AuditEventRow): AuditEvent {
  return {
    sequence: row.sequence,
    occurredAt: row.occurred_at,
    revision: row.revision,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    before: row.before,
    after: row.after,
    requestId: row.request_id,
    cause: row.cause,
    hash: row.hash,
  };
}

import { type JsonValue, type Reader } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type Page, type PageRequest } from '../paging/index.ts';

/** Who changed what in an organization. */
export interface AuditEvent {
  /** Counts the events of the organization from 1, without gaps. */
  readonly sequence: number;
  readonly occurredAt: string;
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly requestId: string | null;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly subject?: string;
  readonly action?: string;
  /** From this instant on. */
  readonly since?: string;
  /** Before this instant. */
  readonly until?: string;
}

/** One page of an organization's history, newest first. Throws `organization_not_found`. */
export function listAuditEvents(
  _reader: Reader,
  _organizationId: string,
  _page: PageRequest & AuditFilter,
): Promise<Page<AuditEvent>> {
  return Promise.reject(defect('not written yet'));
}

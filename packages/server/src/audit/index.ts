/** The history of an organization: who changed what, when, in which request. Append-only. */
export { type AuditEvent, type AuditFilter, listAuditEvents } from './list-audit-events.ts';

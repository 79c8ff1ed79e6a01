/** The history of an organization: who changed what, when, in which request. Append-only. */
export {
  appendAudit,
  appendEnvironmentAudit,
  type AuditAuthor,
  type AuditEntry,
  auditPart,
} from './append-audit.ts';
export { type AuditAction, auditActions } from './audit-action.ts';
export { type AuditEvent, type AuditFilter } from './audit-event.ts';
export { type ChainPlace } from './chain-store.ts';
export { listAuditEvents } from './list-audit-events.ts';
export {
  type Break,
  type BrokenPlace,
  type Verification,
  verifyHistory,
  type VerifyOptions,
} from './verify-history.ts';

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
export { type AuditHead, eachAuditHead, getAuditHead } from './audit-head.ts';
export { type ChainPlace } from './chain-store.ts';
export { exportAuditEvents } from './export-audit-events.ts';
export { listAuditEvents } from './list-audit-events.ts';
export { purgeEntry } from './purge-entry.ts';
export {
  type Break,
  type BrokenPlace,
  type Verification,
  verifyHistory,
  type VerifyOptions,
} from './verify-history.ts';

/** The one place where the server's words become those of the wire. */
export { toWireCatalogue } from './catalogue.ts';
export {
  toDecisionFilter,
  toWireDecisionSettings,
  toWireLoggedDecision,
  toWireShadowedDecision,
} from './decision-log.ts';
export { toWireDecision, toWireExplanation } from './decisions.ts';
export {
  toGrantPayloads,
  toWireDirectGrant,
  toWireEffectiveGrants,
  toWireGrantPayloads,
  toWireHeldGrant,
} from './grants.ts';
export {
  toWireApiKey,
  toWireAuditEvent,
  toWireCreatedApiKey,
  toWireEnforcement,
  toWireImportResult,
  toWireMember,
  toWireOrganization,
  toWirePage,
  toWireRole,
} from './records.ts';
export { toWireReport } from './report.ts';
export {
  toWireHeldEvent,
  toWireSyncDrift,
  toWireSyncEntity,
  toWireSyncSettings,
  toWireSyncStatus,
} from './sync.ts';

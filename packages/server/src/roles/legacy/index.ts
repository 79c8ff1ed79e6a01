/** Grants keyed by the slug of a role: bringing them over to the role's id, and the cut-over from one key to the other. */
export {
  backfillLegacy,
  type BackfillOptions,
  type BackfillProgress,
  type BackfillReport,
  type BackfillShare,
  planBackfill,
} from './backfill.ts';
export { bringRoleOver } from './bring-over.ts';
export { cutOverLegacy, purgeLegacy, rollBackLegacy } from './cut-over.ts';
export { importLegacyRows, type LegacyImport, openLegacy } from './import-legacy.ts';
export { type PrincipalGrantRow, type RefusedRow } from './judge-rows.ts';
export { isKeyedBySlug } from './left-store.ts';
export { settleLegacySlug, type Settlement } from './settle.ts';
export { type LegacyEnvironment } from './state-store.ts';
export { getLegacyStatus, type LegacyStatus } from './status.ts';
export { findUnmapped, type UnmappedReason, type UnmappedSlug } from './unmapped-store.ts';
export {
  type LegacyDifference,
  type LegacyVerification,
  verifyLegacy,
  type VerifyOptions,
} from './verify.ts';

/** The heart: what to do about an entity, as pure functions of both sides, their base and what is under way. */
export { decideExternalId, type ExternalIdDecision } from './decide-external-id.ts';
export {
  decideMembership,
  type MembershipBase,
  type MembershipDecision,
  type MembershipSituation,
  type RoleSetOutcome,
  type SeenMembership,
  type SeenStatus,
} from './decide-membership.ts';
export {
  decideRole,
  type RoleDecision,
  type RoleDispute,
  type RoleFields,
  type RoleSituation,
  sameFields,
  type SeenRole,
} from './decide-role.ts';
export { common, onlyLoses, sameSet, slugSet, without } from './role-set.ts';
export { type Circumstances, type SyncMode, syncModes } from './situation.ts';

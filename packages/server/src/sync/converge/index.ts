/** Making one thing equal: observe, decide, send or take over, and commit if nothing changed meanwhile. */
export { Overtaken } from './commit.ts';
export {
  type ConvergeContext,
  noSightings,
  type ObservedMembership,
  type Sightings,
  type SyncStep,
  useSighting,
} from './context.ts';
export { convergeEntity } from './converge-entity.ts';
export { backoffMs, planMarkFailure, stopsEverything } from './failures.ts';
export { findMembershipOf, findRoleOfSlug } from './local-store.ts';
export { rebase, type Side } from './rebase.ts';
export { getMembership, unlessGone } from './observe-membership.ts';
export { takeMembership, takeMemberships } from './take-membership.ts';
export { takeRole } from './take-role.ts';

/** WorkOS behind one port: the adapter, its failures, the shared budget and circuit, webhook signatures. */
export { type Workos, type WorkosOptions, openWorkos } from './open-workos.ts';
export { openUngatedPort, type UngatedPortOptions } from './open-ungated-port.ts';
export {
  type EnvironmentMark,
  type EventPage,
  type EventQuery,
  type ListOptions,
  type MembershipFilter,
  type OrganizationInput,
  type PageOptions,
  type RemotePage,
  type RoleInput,
  type WorkosPort,
} from './port.ts';
export {
  type RemoteEvent,
  type RemoteMembership,
  type RemoteMembershipStatus,
  remoteMembershipStatuses,
  type RemoteOrganization,
  type RemoteRole,
  type RemoteRoleKind,
  type RemoteUser,
} from './facts.ts';
export {
  isWorkosFailure,
  WorkosFailure,
  type WorkosFailureCode,
  workosFailureCodes,
  type WorkosFailureFacts,
  type WorkosFailureKind,
} from './failure.ts';
export { type CallReport } from './caller.ts';
export { type CallOptions } from './gate.ts';
export { documentedLimits, type Lane, type RateLimit, type WorkosLimits } from './limits.ts';
export { type CircuitTimings } from './circuit-timings.ts';
export { type CircuitState, type GateReading } from './circuit-store.ts';
export {
  compareMarks,
  type MarkComparison,
  type MultipleRoles,
  type MultipleRolesEvidence,
  noteMultipleRoles,
  pinEnvironment,
  type PinResult,
  readMultipleRoles,
  unpinEnvironment,
} from './environment.ts';
export {
  eventSubject,
  type EventSubject,
  parseWebhookEvent,
  syncedEventTypes,
} from './event-subject.ts';
export {
  type SignedWebhook,
  verifyWebhook,
  type WebhookDoubt,
  webhookSignatureHeader,
  type WebhookTrust,
  type WebhookVerdict,
} from './webhook-signature.ts';

/** An independent simulation of the part of WorkOS that Rolecall uses, which can be told to fail. */
export { type Clock, createManualClock, type ManualClock, systemClock } from './clock.ts';
export { type SimulatorState } from './control/index.ts';
export { type ActionResult, type Dashboard, type DirectoryControl } from './dashboard/index.ts';
export {
  type ActiveFaultRule,
  type Chaos,
  CHAOS_FAULTS,
  type ChaosName,
  type Fault,
  type FaultMatch,
  type FaultRule,
} from './faults/index.ts';
export {
  type EventFaults,
  type Expiry,
  type FaultControl,
  type PendingFaults,
} from './faults-control.ts';
export { type Outage } from './machine.ts';
export { type Exchange, type SimulatorOptions } from './options.ts';
export { DOCUMENTED_RATE_LIMITS, type RateLimit, type RateLimitUsage } from './rate-limit.ts';
export {
  connectSimulator,
  ControlRefused,
  type RemoteSimulator,
  type RequestReport,
} from './remote.ts';
export {
  type RequestCounts,
  type RequestFilter,
  type RequestLog,
  type RequestOutcome,
  type RequestRecord,
} from './request-log.ts';
export { type ListenOptions, type Simulator, startSimulator } from './server.ts';
export {
  ConnectionLost,
  createSimulator,
  type SimulatorCore,
  type SimulatorHandler,
} from './simulator.ts';
export { type Snapshot } from './snapshot.ts';
export {
  type DeliveryRecord,
  DOCUMENTED_RETRY_DELAYS_MS,
  signWebhook,
  SIGNATURE_HEADER,
  type Tampering,
  type WebhookEndpoint,
  type WebhookFaults,
  type WebhookMessage,
} from './webhooks/index.ts';

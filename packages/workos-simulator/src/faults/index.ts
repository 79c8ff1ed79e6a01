/** What goes wrong, when, and how it looks to the caller. */
export { type Chaos, CHAOS_FAULTS, type ChaosName, chaosRules } from './chaos.ts';
export {
  type ActiveFaultRule,
  type Fault,
  type FaultMatch,
  faultName,
  type FaultRule,
} from './fault.ts';
export {
  type Answer,
  failure,
  type FaultContext,
  type LateEffects,
  meetFault,
  throttled,
} from './meet.ts';
export { FaultRules } from './rules.ts';

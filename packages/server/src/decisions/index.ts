/** The log of decisions: what was denied, what shadow let pass, a sample of what was allowed. Decides nothing. */
export { type Outcome } from './bucket.ts';
export { DecisionLog, type DecisionLogOptions, type DecisionLogReport } from './decision-log.ts';
export { type DecisionFilter, type DecisionGroup } from './decisions-store.ts';
export { listDecisions } from './list-decisions.ts';
export { type DecisionSettings, readDecisionSettings, writeDecisionSettings } from './settings.ts';
export { reportShadow, type ShadowedDecision } from './shadow-report.ts';

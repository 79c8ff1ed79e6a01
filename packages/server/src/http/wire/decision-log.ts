import {
  type DecisionSettings as WireDecisionSettings,
  type LoggedDecision as WireLoggedDecision,
  type ShadowedDecision as WireShadowedDecision,
} from '@rolecall/contract';
import {
  type DecisionFilter,
  type DecisionGroup,
  type DecisionSettings,
  type ShadowedDecision,
} from '../../decisions/index.ts';
import { type PageRequest } from '../../paging/index.ts';
import { type Defined, defined } from '../defined.ts';

interface WireFilter {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly principal?: string | undefined;
  readonly scope?: string | undefined;
  readonly resource_id?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export function toDecisionFilter({
  resource_id: resourceId,
  ...rest
}: WireFilter): Defined<PageRequest & DecisionFilter> {
  return defined({ ...rest, resourceId });
}

export function toWireLoggedDecision(group: DecisionGroup): WireLoggedDecision {
  return { outcome: group.outcome, ...toWireGroup(group) };
}

export function toWireShadowedDecision(decision: ShadowedDecision): WireShadowedDecision {
  const { now, missing, advice } = decision;
  return {
    ...toWireGroup(decision),
    now,
    ...(missing !== undefined && { missing: { ...missing, selector: { ...missing.selector } } }),
    advice,
  };
}

export function toWireDecisionSettings(settings: DecisionSettings): WireDecisionSettings {
  return {
    retention_days: settings.retentionDays,
    allow_sample_rate: settings.allowSampleRate,
  };
}

function toWireGroup(group: DecisionGroup): Omit<WireLoggedDecision, 'outcome'> {
  return {
    principal: group.principal,
    scope: group.scope,
    resource_id: group.resourceId,
    dimensions: { ...group.dimensions },
    reason: group.reason,
    count: group.count,
    first_at: group.firstAt,
    last_at: group.lastAt,
  };
}

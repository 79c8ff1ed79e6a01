import {
  type HeldEvent as WireHeldEvent,
  type SyncDrift as WireSyncDrift,
  type SyncEntity as WireSyncEntity,
  type SyncSettings as WireSyncSettings,
  type SyncStatus as WireSyncStatus,
} from '@rolecall/contract';
import {
  type DriftReport,
  type HeldEvent,
  type SyncEntityView,
  type SyncHealth,
  type SyncSettings,
  type SyncStatus,
  type TrippedBrake,
} from '../../sync/index.ts';

const SHOWN = 1_000;

export function toWireSyncStatus(
  status: SyncStatus,
  brakes: readonly TrippedBrake[],
  health: SyncHealth | undefined,
): WireSyncStatus {
  return {
    connection: health === undefined ? null : toWireConnection(health),
    entities: { ...status.entities },
    pending: status.pending,
    oldest_pending_seconds: secondsOf(status.oldestPendingMs),
    marked: status.marked,
    drift: status.drift,
    linked: status.linked,
    comparing: status.comparing,
    cursor_age_seconds: secondsOf(status.cursorAgeMs),
    parked_events: status.parkedEvents,
    quarantined_events: status.quarantinedEvents,
    brakes: brakes.map((brake) => ({
      organization_id: brake.organizationId,
      direction: brake.direction,
      kind: brake.kind,
      tripped_at: brake.trippedAt,
      removals: brake.removals,
      held: brake.held,
    })),
  };
}

function toWireConnection(health: SyncHealth): NonNullable<WireSyncStatus['connection']> {
  const { circuit, pausedForMs, left, troubles } = health;
  return {
    circuit,
    paused_seconds: pausedForMs / 1_000,
    budget_left: { all: left.all, user_reads: left.userReads, user_writes: left.userWrites },
    troubles: troubles.map(({ doing, code, agoMs }) => ({
      doing,
      code,
      seconds_ago: agoMs / 1_000,
    })),
  };
}

function secondsOf(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1_000;
}

export function toWireSyncEntity(entity: SyncEntityView): WireSyncEntity {
  return {
    id: entity.id,
    organization_id: entity.organizationId,
    kind: entity.kind,
    subject_id: entity.subjectId,
    state: entity.state,
    pending: entity.pending,
    reason: entity.reason,
    advice: entity.advice,
    failures: entity.failures,
    changed_at: entity.changedAt,
    observed_at: entity.observedAt,
    next_attempt_at: entity.nextAttemptAt,
  };
}

export function toWireHeldEvent(event: HeldEvent): WireHeldEvent {
  return {
    id: event.id,
    type: event.type,
    state: event.state,
    reason: event.reason,
    waits_for: event.waitsFor,
    happened_at: event.happenedAt,
    received_at: event.receivedAt,
  };
}

export function toWireSyncSettings(settings: SyncSettings): WireSyncSettings {
  return {
    mode: settings.mode,
    observe_only: settings.observeOnly,
    brake_count: settings.brakeCount,
    brake_percent: settings.brakePercent,
    retention_days: settings.retentionDays,
    marker: settings.marker,
  };
}

export function toWireSyncDrift(
  { compared, drift }: DriftReport,
  repairing: boolean,
): WireSyncDrift {
  return {
    compared,
    total: drift.length,
    drift: drift.slice(0, SHOWN).map(({ kind, subject, here, there }) => ({
      kind,
      subject,
      here,
      there,
    })),
    repairing,
  };
}

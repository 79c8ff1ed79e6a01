import { type JsonValue, type SyncEntityKind, type SyncState } from '../../database/index.ts';

/**
 * A thing that is kept equal with WorkOS. Its states:
 *
 *   idle         both sides agree
 *   pending      a change here is to be sent, or something is to be looked at
 *   waiting      for a role, for a call that may still take effect, or for a suspended member to come back
 *   parked       WorkOS shows a role that nobody here knows
 *   blocked      WorkOS refuses
 *   conflict     two wills that only a person can join
 *   quarantined  we cannot process it
 *   planned      the sides differ without a base, nothing may be sent, or too much is removed: a person chooses
 *
 * The last four are for people; none of them stops its organization.
 */
export interface Entity {
  readonly organizationId: string;
  readonly id: string;
  readonly kind: SyncEntityKind;
  readonly subjectId: string;
  readonly localVersion: number;
  readonly pushedVersion: number;
  readonly state: SyncState;
  readonly base: JsonValue | null;
  readonly linking: boolean;
  readonly failures: number;
}

/** Why an entity is not idle. Codes, for people and programs alike; `advice.ts` says what to do. */
export const syncReasons = [
  'call_unanswered',
  'role_missing',
  'suspended',
  'unknown_role',
  'slug_taken',
  'recreated_while_pending',
  'differs_at_link',
  'not_in_workos',
  'foreign_external_id',
  'observe_only',
  'mass_removal',
  'unprocessable',
] as const;

/** Whether a change made here is not confirmed in WorkOS yet. */
export function isPending({ localVersion, pushedVersion }: Entity): boolean {
  return pushedVersion < localVersion;
}

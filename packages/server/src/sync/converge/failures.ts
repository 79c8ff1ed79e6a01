import { type SyncState } from '../../database/index.ts';
import { RolecallError } from '../../errors/index.ts';
import { isWorkosFailure } from '../../workos/index.ts';
import { LeaseLost, type MarkFailure } from '../entity/index.ts';

/** What a failure means for the one entity that met it. */
export interface FailurePlan {
  readonly state: SyncState;
  readonly reason: string;
  readonly againInMs: number;
}

const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_600_000;
/** After so many failures in a row, what nobody can process is shown to people. */
const QUARANTINE_AFTER = 5;

/**
 * How long an entity waits that has failed so many times in a row: anything up to a bound that doubles from
 * a second to an hour, so that those who failed together do not come back together.
 */
export function backoffMs(failures: number, random: () => number): number {
  const bound = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(failures, 12));
  return Math.max(SHORTEST_MS, Math.ceil(random() * bound));
}

/** Whether nothing can be sent to WorkOS at all now, so that going on with another entity is of no use. */
export function stopsEnvironment(error: unknown): boolean {
  return (
    isWorkosFailure(error, 'throttled') ||
    isWorkosFailure(error, 'unauthorized') ||
    isWorkosFailure(error, 'circuit_open') ||
    isWorkosFailure(error, 'closed')
  );
}

/** Whether a failure is not the entity's own. */
export function stopsEverything(error: unknown): boolean {
  const outage = error instanceof RolecallError && error.species === 'outage';
  return outage || error instanceof LeaseLost || stopsEnvironment(error);
}

/** What becomes of an entity after a failure of its own. A desired state is never given up. */
export function planFailure(
  error: unknown,
  { failures, random }: { readonly failures: number; readonly random: () => number },
): FailurePlan {
  const againInMs = backoffMs(failures, random);
  if (!isWorkosFailure(error)) return unprocessable(failures, 'unprocessable', againInMs);
  switch (error.kind) {
    case 'throttled':
    case 'unavailable':
    case 'unauthorized':
      return { state: 'pending', reason: error.code, againInMs };
    case 'malformed':
      return unprocessable(failures, error.code, againInMs);
    case 'gone':
      return { state: 'pending', reason: error.code, againInMs };
    case 'rejected':
    case 'conflicting':
      return planRefusal(error.code, againInMs);
  }
}

function planRefusal(code: string, againInMs: number): FailurePlan {
  switch (code) {
    case 'invalid_role':
      return { state: 'waiting', reason: 'role_missing', againInMs };
    case 'role_has_assignments':
    case 'organization_role_slug_conflict':
      // What stands in the way is looked at first when it is tried again.
      return { state: 'pending', reason: code, againInMs };
    default:
      return { state: 'blocked', reason: code, againInMs };
  }
}

function unprocessable(failures: number, reason: string, againInMs: number): FailurePlan {
  const state = failures >= QUARANTINE_AFTER ? 'quarantined' : 'pending';
  return { state, reason, againInMs };
}

/** What becomes of a mark after a failure of its own. WorkOS being away is nobody's fault. */
export function planMarkFailure(
  error: unknown,
  { failures, random }: { readonly failures: number; readonly random: () => number },
): MarkFailure {
  const againInMs = backoffMs(failures, random);
  const reason = isWorkosFailure(error) ? error.code : 'unprocessable';
  const given = failures >= QUARANTINE_AFTER && !isWorkosFailure(error, 'unavailable');
  return { state: given ? 'quarantined' : 'pending', reason, againInMs };
}

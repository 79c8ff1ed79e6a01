import { inTransaction, type JsonValue, type SyncState, type Tx } from '../../database/index.ts';
import { lockOrganization, type OrganizationLock } from '../../identity/index.ts';
import { closeMirror, type MirrorTraces } from '../../roles/index.ts';
import {
  countRemoval,
  deleteAttempt,
  type Entity,
  holdEntity,
  insertAttempt,
  isPending,
  recordConflict,
  type Removal,
  requireLease,
  tripBrake,
  updateEntity,
} from '../entity/index.ts';
import { type ConvergeContext } from './context.ts';

/** Thrown inside a commit of something that has changed since it was looked at; the whole thing starts over. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor(what: string) {
    super(`${what} has changed while it was looked at`);
  }
}

/** How an entity is left, and what else is committed with it. */
export interface Outcome {
  readonly state: SyncState;
  readonly reason?: string;
  /** The remote side as last observed; the old one is kept where nothing is said. */
  readonly base?: JsonValue;
  /** Both sides agree: the version that was read is confirmed. */
  readonly settled?: boolean;
  /** There is something new to be sent, though nobody here changed anything. */
  readonly raise?: boolean;
  readonly failures?: number;
  /** Nothing is to be done unless something happens, where nothing is said. */
  readonly againInMs?: number;
  readonly conflict?: {
    readonly reason: string;
    readonly ours: JsonValue;
    readonly theirs: JsonValue;
  };
  /** The call whose answer this is. */
  readonly answered?: string;
  /** What is taken over, under the one lock; `adopts` says that it concerns what Rolecall owns. */
  readonly mirror?: (tx: Tx, lock: OrganizationLock) => Promise<readonly MirrorTraces[]>;
  readonly adopts?: boolean;
  /** What is removed by it, for the brake to count. */
  readonly removals?: readonly Removal[];
  /** What would be removed and is held back. */
  readonly heldBack?: readonly Removal[];
  /** What else is to be committed with it. */
  readonly also?: (tx: Tx) => Promise<void>;
}

/**
 * Commits the outcome of a comparison, all of it or nothing. INVARIANT (start over): only if the entity has the
 * version and the lease the epoch with which it was compared. Throws `Overtaken`, `LeaseLost`.
 */
export async function commitOutcome(
  context: ConvergeContext,
  entity: Entity,
  outcome: Outcome,
): Promise<void> {
  await context.reached('answered');
  await inTransaction(context.db, async (tx) => {
    // Commands take the one lock before the entity; so does this, or the two would wait for each other.
    const { mirror } = outcome;
    const lock = mirror && (await lockOrganization(tx, entity.organizationId));
    await requireLease(tx, context.lease);
    if ((await holdEntity(tx, entity)) !== entity.localVersion)
      throw new Overtaken(`the entity \`${entity.id}\``);
    const traces = mirror && lock && (await mirror(tx, lock));
    await updateEntity(tx, entity, {
      ...versionsOf(entity, outcome),
      state: outcome.state,
      reason: outcome.reason ?? null,
      base: outcome.base === undefined ? entity.base : outcome.base,
      linking: entity.linking && outcome.base === undefined,
      failures: outcome.failures ?? 0,
      againInMs: outcome.againInMs ?? null,
    });
    await leaveTraces(tx, entity, outcome);
    if (lock && traces) await closeMirror(tx, lock, traces, context.cause);
  });
  await context.reached('committed');
}

async function leaveTraces(tx: Tx, entity: Entity, outcome: Outcome): Promise<void> {
  const { organizationId } = entity;
  const { conflict, answered, removals = [], heldBack = [], also } = outcome;
  if (conflict) await recordConflict(tx, entity, conflict);
  if (answered !== undefined) await deleteAttempt(tx, organizationId, answered);
  for (const one of removals) await countRemoval(tx, organizationId, one);
  for (const one of heldBack) await tripBrake(tx, organizationId, one);
  await also?.(tx);
}

function versionsOf(
  entity: Entity,
  { settled = false, raise = false, adopts = false }: Outcome,
): { readonly localVersion: number; readonly pushedVersion: number } {
  const raised = adopts || (raise && !isPending(entity)) ? 1 : 0;
  const localVersion = entity.localVersion + raised;
  return { localVersion, pushedVersion: settled ? localVersion : entity.pushedVersion };
}

/**
 * Notes a call before it is sent. INVARIANT (remembered attempts): no write leaves without its row, so a value
 * that shows up later can be known for our own.
 */
export async function recordAttempt(
  context: ConvergeContext,
  entity: Entity,
  value: JsonValue,
): Promise<string> {
  const deadlineMs = context.port.longestCallMs;
  const attemptId = await inTransaction(context.db, async (tx) => {
    await requireLease(tx, context.lease);
    return insertAttempt(tx, entity, { value, deadlineMs });
  });
  await context.reached('recorded');
  return attemptId;
}

import { isWorkosFailure } from '../../workos/index.ts';
import { type Entity, findEntity, listAttempts } from '../entity/index.ts';
import { HeldBack, heldBack } from './brake.ts';
import { commitOutcome, type Outcome, Overtaken } from './commit.ts';
import { type ConvergeContext } from './context.ts';
import { convergeExternalId } from './converge-external-id.ts';
import { convergeMembership } from './converge-membership.ts';
import { convergeRole } from './converge-role.ts';
import { planFailure, stopsEverything } from './failures.ts';

const MAX_ROUNDS = 5;

/**
 * The one routine, whatever caused it: a local change, an event, a timer, a missing answer, a repair. Starts
 * over while the entity changes under it. A failure of the entity's own is kept with it; throws `LeaseLost`,
 * and what stops everything: WorkOS or the database being away.
 */
export async function convergeEntity(context: ConvergeContext, entityId: string): Promise<void> {
  for (let round = 1; ; round += 1) {
    const entity = await findEntity(context.db, context.organizationId, entityId);
    if (entity === undefined) return;
    try {
      await routineOf(entity)(context, entity);
      return;
    } catch (error) {
      // What is gone, or stands in the way, is observed anew before anything is concluded from it.
      const startsOver =
        error instanceof Overtaken ||
        isWorkosFailure(error, 'gone') ||
        isWorkosFailure(error, 'organization_role_slug_conflict');
      if (startsOver && round < MAX_ROUNDS) continue;
      if (stopsEverything(error)) throw error;
      await keepFailure(context, entity, error);
      return;
    }
  }
}

function routineOf({ kind }: Entity): (context: ConvergeContext, entity: Entity) => Promise<void> {
  switch (kind) {
    case 'organization_role':
      return convergeRole;
    case 'membership_roles':
      return convergeMembership;
    case 'external_id':
      return convergeExternalId;
  }
}

async function keepFailure(
  context: ConvergeContext,
  entity: Entity,
  error: unknown,
): Promise<void> {
  if (error instanceof HeldBack) return keepOutcome(context, entity, heldBack(error.removals));
  const failures = entity.failures + 1;
  const plan = planFailure(error, { failures, random: context.random });
  const unanswered = isWorkosFailure(error) && error.ambiguous;
  if (!unanswered) return keepOutcome(context, entity, { ...plan, failures });
  // INVARIANT (observe first): after a missing answer nothing is tried before its deadline has passed.
  const attempts = await listAttempts(context.db, entity);
  const againInMs = Math.max(0, ...attempts.map((attempt) => attempt.leftMs));
  const waiting = { state: 'waiting', reason: 'call_unanswered', failures, againInMs } as const;
  return keepOutcome(context, entity, waiting);
}

async function keepOutcome(
  context: ConvergeContext,
  entity: Entity,
  outcome: Outcome,
): Promise<void> {
  try {
    await commitOutcome(context, entity, outcome);
  } catch (caught) {
    // Somebody changed it meanwhile: it is due again by that.
    if (!(caught instanceof Overtaken)) throw caught;
  }
}

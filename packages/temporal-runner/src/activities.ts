import { createHash } from 'node:crypto';
import { type Db } from '@rolecall/server/database';
import {
  comparisons,
  nextDueInOrganizationMs,
  type Outcome,
  type Routines,
  type TimedWork,
  timetable,
} from '@rolecall/server/runner';
import { ApplicationFailure, Context, type Info } from '@temporalio/activity';
import type { Work } from './workflows/index.ts';

export interface ActivitiesOptions {
  readonly db: Db;
  readonly routines: Routines;
  /** Has the events of WorkOS read. */
  readonly nudge: () => void;
}

/** Well below the time after which a silent worker is taken for dead. */
const BEAT_MS = 2_500;
/** A piece of work that goes on for longer is cut in two, so that its workflow can note what it was told. */
const LONGEST_TURN_MS = 300_000;
const SHORTEST_WAIT_MS = 50;

/** What the workflows ask for: the routines that every runner calls, with a heartbeat and an end. */
export function createActivities({ db, routines, nudge }: ActivitiesOptions): Work {
  return {
    drain: (organizationId) =>
      inTurns(async (signal) => {
        const holder = holderOf(Context.current().info);
        const outcome = await routines.drain(organizationId, { signal, holder });
        if (outcome.result !== 'drained') return outcome;
        return { ...outcome, againInMs: await nextDueInOrganizationMs(db, organizationId) };
      }),
    pull: () => inTurns((signal) => routines.pull(signal)),
    keepTime: async (work) => {
      if (!isTimed(work)) throw ApplicationFailure.nonRetryable(`no work is called \`${work}\``);
      if (work === 'pull') nudge();
      else if (work === 'sweep') await routines.sweep();
      else await routines.compare(comparisons[work]);
    },
  };
}

/** Works for a turn, with a heartbeat; what was cut short goes on at once, whoever does it. */
async function inTurns(work: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
  const context = Context.current();
  const beating = setInterval(() => {
    context.heartbeat();
  }, BEAT_MS);
  try {
    const turn = AbortSignal.timeout(LONGEST_TURN_MS);
    const { result, againInMs, firm } = await work(
      AbortSignal.any([context.cancellationSignal, turn]),
    );
    const waitMs = againInMs === null ? null : Math.max(SHORTEST_WAIT_MS, Math.ceil(againInMs));
    return {
      result,
      againInMs: result === 'stopped' ? SHORTEST_WAIT_MS : waitMs,
      ...(firm !== undefined && { firm }),
    };
  } finally {
    clearInterval(beating);
  }
}

/**
 * INVARIANT (one holder): all work on an organization has the same holder, because Temporal starts a second one only
 * when it takes the first for dead. So the lease of a worker that was killed is taken over at once, and one that
 * was only slow is fenced off by the epoch.
 */
function holderOf({ workflowExecution, activityId }: Info): string {
  const workflowId = workflowExecution?.workflowId ?? activityId;
  const hex = createHash('sha256').update(workflowId).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

function isTimed(work: string): work is TimedWork {
  return work in timetable;
}

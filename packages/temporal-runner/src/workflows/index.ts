/** The workflows: when work is done, and nothing else. They run in Temporal's sandbox and are replayed. */
import { continueAsNew, proxyActivities } from '@temporalio/workflow';
import { keepWorking, type WorkResult } from './keep-working.ts';

/** What the workflows ask for; the activities of the worker are these. */
export interface Work {
  readonly drain: (organizationId: string) => Promise<WorkResult>;
  readonly pull: () => Promise<WorkResult>;
  readonly keepTime: (work: string) => Promise<void>;
}

/*
 * A worker that dies stops its heartbeat, and another one goes on ten seconds later. There is no limit to how long a
 * piece of work takes, nor to how often it is tried: a desired state is never given up.
 */
const { drain, pull, keepTime } = proxyActivities<Work>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Keeps one organization equal, for as long as it is linked. */
export async function organization(organizationId: string): Promise<void> {
  const end = await keepWorking(() => drain(organizationId));
  if (end === 'long') await continueAsNew<typeof organization>(organizationId);
}

/** Reads what happens in WorkOS. */
export async function environment(): Promise<void> {
  const end = await keepWorking(pull);
  if (end === 'long') await continueAsNew<typeof environment>();
}

/** Does what is to be done at a set time. */
export async function timed(work: string): Promise<void> {
  await keepTime(work);
}

import { type TimedWork, timetable } from '@rolecall/server/runner';
import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client';
import { timedWorkflowId, workflowTypes } from './names.ts';

/**
 * What becomes of times that passed while Temporal was away. A minute later the next pull and sweep are due anyway;
 * an hour and a night are made up for within the time until the next one.
 */
const CATCH_UP: Readonly<Record<TimedWork, '1 minute' | '1 hour' | '12 hours'>> = {
  pull: '1 minute',
  sweep: '1 minute',
  sample: '1 hour',
  compare: '12 hours',
};

/** Raised whenever a schedule of an earlier version is to be changed. */
const VERSION = 1;

/** Makes the schedules that are missing and renews those of an earlier version; one that is paused stays so. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const work of Object.keys(timetable) as TimedWork[]) {
    const wanted = scheduleOf(taskQueue, work);
    try {
      await client.schedule.create(wanted);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await renew(client, wanted);
    }
  }
}

type Wanted = ScheduleOptions & Required<Pick<ScheduleOptions, 'policies' | 'memo'>>;

async function renew(
  client: Client,
  { scheduleId, spec, action, policies }: Wanted,
): Promise<void> {
  const handle = client.schedule.getHandle(scheduleId);
  const { memo } = await handle.describe();
  if (memo?.['version'] === VERSION) return;
  await handle.update(({ state }) => ({ spec, action, policies, state }));
}

/**
 * What is due at a set time, as Temporal keeps it. A time that comes while the last one is still being worked on is
 * left out, not queued.
 */
function scheduleOf(taskQueue: string, work: TimedWork): Wanted {
  return {
    scheduleId: timedWorkflowId(taskQueue, work),
    spec: { cronExpressions: [timetable[work]], timezone: 'UTC' },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.timed,
      workflowId: timedWorkflowId(taskQueue, work),
      taskQueue,
      args: [work],
    },
    policies: { overlap: 'SKIP', catchupWindow: CATCH_UP[work] },
    memo: { version: VERSION },
  };
}

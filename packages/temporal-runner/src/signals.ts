import { type Client } from '@temporalio/client';
import { CALL_MS } from './connection.ts';
import { environmentWorkflowId, organizationWorkflowId, WAKE, workflowTypes } from './names.ts';
import { type Signals } from './relay.ts';

/** Wakes workflows, and starts those that do not run. The signal has no payload: what is due stands in PostgreSQL. */
export function createSignals(client: Client, taskQueue: string): Signals {
  const wake = (type: string, workflowId: string, args: readonly string[]): Promise<void> =>
    client.withDeadline(Date.now() + CALL_MS, async () => {
      await client.workflow.signalWithStart(type, {
        workflowId,
        taskQueue,
        args: [...args],
        signal: WAKE,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    });
  return {
    wakeOrganization: (id) =>
      wake(workflowTypes.organization, organizationWorkflowId(taskQueue, id), [id]),
    wakeEnvironment: () => wake(workflowTypes.environment, environmentWorkflowId(taskQueue), []),
  };
}

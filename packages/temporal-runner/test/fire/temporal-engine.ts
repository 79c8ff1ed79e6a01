import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Engine } from '../../../server/test/sync/fire/processes/engine.ts';
import { startTemporalServer } from '../server/start.ts';
import { writeBundle } from '../write-bundle.ts';

/** A Temporal of its own for the workers of a lane, which is killed as they are. */
export async function openTemporalEngine(): Promise<Engine> {
  const bundlePath = await writeBundle();
  const server = await startTemporalServer();
  return {
    program: join(import.meta.dirname, 'worker-main.ts'),
    argumentsOf: (seed) => [server.address, `fire-${seed}`, bundlePath],
    strike: async () => {
      await server.kill();
      await server.restart();
    },
    explain: (seed) => explain(server.address, `fire-${seed}`),
    // A worker that was killed is missed after ten seconds, by each of its pieces of work.
    mostRounds: 150,
    close: () => server.close(),
  };
}

/** How the workflows of a task queue stand, and the last that happened to each. */
async function explain(address: string, taskQueue: string): Promise<string> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const lines: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`,
  })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { raw } = await handle.describe();
    const { events } = await handle.fetchHistory();
    lines.push(
      JSON.stringify({
        workflowId,
        activities: raw.pendingActivities,
        task: raw.pendingWorkflowTask,
      }),
      ...(events ?? []).slice(-6).map((event) => JSON.stringify(event)),
    );
  }
  await connection.close();
  return lines.join('\n');
}

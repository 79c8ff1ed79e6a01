import { Client, Connection } from '@temporalio/client';
import { type History } from '@temporalio/common/lib/proto-utils.js';

/** How often a worker has begun to work on an organization, by the id of its process. */
export async function countStarted(address: string): Promise<ReadonlyMap<number, number>> {
  const connection = await Connection.connect({ address });
  const counts = new Map<number, number>();
  const query = "WorkflowType = 'organization'";
  for await (const { history } of new Client({ connection }).workflow
    .list({ query })
    .intoHistories()) {
    for (const { activityTaskStartedEventAttributes: started } of (history as History).events ??
      []) {
      const [, pid] = /^rolecall (\d+)@/.exec(started?.identity ?? '') ?? [];
      if (pid !== undefined) counts.set(Number(pid), (counts.get(Number(pid)) ?? 0) + 1);
    }
  }
  await connection.close();
  return counts;
}

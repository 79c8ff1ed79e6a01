import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Work } from '../../src/workflows/index.ts';

const { drain } = proxyActivities<Work>({ startToCloseTimeout: '1 minute' });

/** As somebody might change it without a thought: it waits before it works. */
export async function organization(organizationId: string): Promise<void> {
  await sleep(1_000);
  await drain(organizationId);
}

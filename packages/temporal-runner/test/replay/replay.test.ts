import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { prepareRuntime } from '../../src/runtime.ts';
import { workflowBundle } from '../../src/workflow-code.ts';
import { writeBundle } from '../write-bundle.ts';
import { listHistories, readHistory } from './histories.ts';

prepareRuntime();
const names = listHistories();

describe('INVARIANT (replayable): the workflows of now', () => {
  it.each(names)('can go on with %s', async (name) => {
    await Worker.runReplayHistory(
      { workflowBundle: await workflowBundle() },
      readHistory(name),
      name,
    );
  });

  it('have met everything that they can do', () => {
    expect(names.length).toBeGreaterThanOrEqual(9);
    const long = JSON.stringify(readHistory('v1-organization-long'));
    expect(long).toContain('WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
    const held = JSON.stringify(readHistory('v1-organization-told-to-wait'));
    expect(held).toContain('TIMER_FIRED');
    expect(held).not.toContain('TIMER_CANCELED');
  });
});

it('a workflow that was changed without a patch is found out', async () => {
  const codePath = await writeBundle(join(import.meta.dirname, 'changed-workflows.ts'));
  const replayed = Worker.runReplayHistory(
    { workflowBundle: { codePath } },
    readHistory('v1-organization-woken'),
    'v1-organization-woken',
  );
  await expect(replayed).rejects.toMatchObject({ name: 'DeterminismViolationError' });
});

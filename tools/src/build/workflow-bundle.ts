import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Bundles the workflows of the built Temporal runner, so that nobody has to when a worker starts. */
export async function bundleWorkflows(home: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(home, 'dist/workflows/index.js'),
    logger: { log, trace: log, debug: log, info: log, warn: log, error: log },
  });
  writeFileSync(join(home, 'dist/workflow-bundle.cjs'), code);
}

/** What goes wrong is thrown as well. */
function log(): void {
  // Nothing else of it is of interest.
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The workflows for many processes, so that not each has to bundle them. */
export async function writeBundle(): Promise<{
  readonly path: string;
  readonly remove: () => Promise<void>;
}> {
  const home = await mkdtemp(join(tmpdir(), 'rolecall-bundle-'));
  const path = join(home, 'workflows.cjs');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '../src/workflows/index.ts'),
    logger: new DefaultLogger('ERROR', () => undefined),
  });
  await writeFile(path, code);
  return { path, remove: () => rm(home, { recursive: true, force: true }) };
}

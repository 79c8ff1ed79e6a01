import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

let made: Promise<WorkflowBundleOption> | undefined;

/**
 * The workflows as a worker takes them: bundled beforehand where this package was built, else once in each process,
 * which takes about a second.
 */
export function workflowBundle(): Promise<WorkflowBundleOption> {
  const bundle = fileURLToPath(new URL('workflow-bundle.cjs', import.meta.url));
  if (existsSync(bundle)) return Promise.resolve({ codePath: bundle });
  made ??= bundleWorkflowCode({
    workflowsPath: workflowsPath(),
    logger: new DefaultLogger('ERROR', () => undefined),
  });
  return made;
}

/** Where the workflows are: TypeScript in the repository, JavaScript where this package was built. */
function workflowsPath(): string {
  const source = fileURLToPath(new URL('workflows/index.ts', import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const SOURCE = join(import.meta.dirname, '../src');
const WORKFLOWS = join(SOURCE, 'workflows/index.ts');
const REPOSITORY = join(import.meta.dirname, '../../..');
const KEPT = join(REPOSITORY, 'node_modules/.cache/workflows');

/**
 * The path of the workflows, bundled for many processes, so that not each has to: to bundle them is the work of more
 * than a second. A bundle is kept for as long as everything that it is made of is the same.
 */
export async function writeBundle(workflowsPath = WORKFLOWS): Promise<string> {
  const path = join(KEPT, `${fingerprint(workflowsPath)}.cjs`);
  if (existsSync(path)) return path;
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('ERROR', () => undefined),
  });
  await mkdir(KEPT, { recursive: true });
  // Two that write at once write the same, and nobody reads half of it.
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, path);
  return path;
}

/** Of the file that is bundled, of this package's sources, and of the versions of all others. */
function fingerprint(workflowsPath: string): string {
  const hash = createHash('sha256').update(readFileSync(join(REPOSITORY, 'package-lock.json')));
  hash.update(`${workflowsPath}\n`).update(readFileSync(workflowsPath));
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
    hash.update(`\n${file}\n`).update(readFileSync(join(SOURCE, file)));
  }
  return hash.digest('hex').slice(0, 32);
}

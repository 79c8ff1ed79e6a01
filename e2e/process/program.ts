import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type * as Cli from '../../apps/rolecall/src/cli/index.ts';

export const repository = join(import.meta.dirname, '../..');
const shelf = join(repository, 'node_modules/.cache/rolecall-e2e');
const LAUNCHER = 'bin/rolecall.js';
const LONGEST_BUILD_MS = 60_000;
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** What `npm start` and `npx rolecall` run in the repository. */
export const programOfSources = join(repository, 'apps/rolecall', LAUNCHER);

let built: Promise<string> | undefined;

/**
 * The same program in a few files, behind the same launcher. Two thirds of what a process costs until it serves is
 * to find and link 1,250 modules, and these tests start dozens. It is made once for whatever the sources are.
 */
export function builtProgram(): Promise<string> {
  built ??= findOrBuild();
  return built;
}

/** The command line of the built program, to be called in this process: it is loaded without being transformed. */
export async function loadBuiltCli(): Promise<typeof Cli> {
  const entry = join(await builtProgram(), '../../dist/cli.js');
  return (await import(pathToFileURL(entry).href)) as typeof Cli;
}

async function findOrBuild(): Promise<string> {
  const folder = join(shelf, hashOfSources());
  const draft = `${folder}.draft`;
  await mkdir(shelf, { recursive: true });
  while (!existsSync(folder)) {
    // One of those that begin at the same time builds, and the others wait for it.
    if (await isCreated(draft)) {
      await removeOlderThan(KEPT_MS, shelf);
      await buildInto(draft);
      await rename(draft, folder);
    } else {
      await sleep(50);
      await removeOlderThan(LONGEST_BUILD_MS, shelf, '.draft');
    }
  }
  return join(folder, LAUNCHER);
}

/** Says what is built: a change in any source, or in any package that is installed, is another program. */
function hashOfSources(): string {
  const hash = createHash('sha256');
  const files = globSync('{apps,packages}/*/{src,bin}/**/*.{ts,js,sql}', { cwd: repository });
  const own = join('e2e/process', 'program.ts');
  for (const file of [own, 'package-lock.json', ...files.sort()]) {
    hash.update(`${file}\n`).update(readFileSync(join(repository, file)));
  }
  return hash.digest('hex').slice(0, 32);
}

async function buildInto(folder: string): Promise<void> {
  const application = join(repository, 'apps/rolecall');
  await build({
    entryPoints: {
      main: join(application, 'src/main.ts'),
      cli: join(application, 'src/cli/index.ts'),
    },
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
    // An optional part, which stays with what it brings.
    external: ['@rolecall/temporal-runner'],
    // Packages of the older kind load what belongs to Node with it.
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`,
    },
  });
  await cp(join(application, 'bin'), join(folder, 'bin'), { recursive: true });
  const migrations = join(repository, 'packages/server/src/database/migrations');
  await cp(migrations, join(folder, 'dist/migrations'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
}

async function isCreated(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** What other sources, or a build that was killed, have left behind. */
async function removeOlderThan(ms: number, folder: string, ending = ''): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(ending)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ms) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

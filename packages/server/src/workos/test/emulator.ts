import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@rolecall/testkit';

/*
 * The emulator that WorkOS publishes. It comes with the package `workos`, some 300 MB with what it needs, so it is
 * fetched once, by the suites alone that ask for its opinion:
 *
 *   npm run opinion:emulator
 */
export const EMULATOR_VERSION = '0.14.0';

export interface Emulator {
  readonly url: string;
  readonly apiKey: string;
  readonly close: () => Promise<void>;
}

/** Starts the emulator with the two roles that every environment has. */
export async function startEmulator(): Promise<Emulator> {
  const entry = await fetchEmulator();
  const module = (await import(pathToFileURL(entry).href)) as {
    readonly createEmulator: (options: unknown) => Promise<Emulator>;
  };
  const roles = ['admin', 'member'].map((slug) => ({ slug, name: slug, type: 'EnvironmentRole' }));
  return module.createEmulator({ port: await freePort(), seed: { roles } });
}

/** The emulator's entry; installed beside the dependencies when it is not there yet. */
async function fetchEmulator(): Promise<string> {
  const folder = join(
    process.cwd(),
    'node_modules',
    '.cache',
    `workos-emulator-${EMULATOR_VERSION}`,
  );
  const entry = join(folder, 'node_modules', 'workos', 'dist', 'emulate', 'index.js');
  if (existsSync(entry)) return entry;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const what = ['--ignore-scripts', '--no-audit', '--no-fund', `workos@${EMULATOR_VERSION}`];
  await promisify(execFile)('npm', ['install', ...what], { cwd: folder });
  return entry;
}

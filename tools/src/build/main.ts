/** Builds the packages as they are published, into `dist/packages`, and proves that they load. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { type Manifest, publishedManifest } from './manifest.ts';
import { bundleWorkflows } from './workflow-bundle.ts';

const root = join(import.meta.dirname, '../../..');
const out = join(root, 'dist');

rmSync(out, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
const built = globSync('{packages,apps}/*/package.json', { cwd: root })
  .map((file) => dirname(file))
  .filter((folder) => readManifest(folder).private !== true)
  .map(buildPackage);
await bundleWorkflows(join(out, 'packages/@rolecall/temporal-runner'));
for (const name of built) proveThatItLoads(name);
say(`built ${String(built.length)} packages into dist/packages: ${built.join(', ')}`);

function buildPackage(folder: string): string {
  const manifest = publishedManifest(readManifest(folder));
  const target = join(out, 'packages', manifest.name);
  mkdirSync(target, { recursive: true });
  cpSync(join(out, 'tree', folder, 'src'), join(target, 'dist'), { recursive: true });
  copyAssets(folder, target);
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  return manifest.name;
}

/** What is needed at run time beside the code: the SQL of the migrations, a launcher. */
function copyAssets(folder: string, target: string): void {
  for (const file of globSync('{src/**/*.{sql,json,css,html},bin/*.js}', {
    cwd: join(root, folder),
  })) {
    const copy = join(target, file.replace(/^src\//, 'dist/'));
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(root, folder, file), copy);
  }
}

/** Loads every entry of the built package in a Node without any flag, with the built packages around it. */
function proveThatItLoads(name: string): void {
  const home = join(out, 'packages', name);
  const { exports: entries = {} } = JSON.parse(
    readFileSync(join(home, 'package.json'), 'utf8'),
  ) as Manifest;
  linkDependencies(home);
  for (const entry of Object.keys(entries)) {
    const specifier = join(name, entry);
    execFileSync(process.execPath, ['--input-type=module', '-e', `await import('${specifier}')`], {
      cwd: home,
      stdio: 'inherit',
    });
  }
}

/** The built packages see one another first, and everything else through the repository's own. */
function linkDependencies(home: string): void {
  const scope = join(out, 'packages', 'node_modules', '@rolecall');
  rmSync(scope, { recursive: true, force: true });
  mkdirSync(dirname(scope), { recursive: true });
  symlinkSync(join(out, 'packages', '@rolecall'), scope);
  if (!home.startsWith(out)) throw new Error(`\`${home}\` is outside of the build`);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

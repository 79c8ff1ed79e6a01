import { access, constants, statfs } from 'node:fs/promises';
import type { Config } from '../config.ts';
import type { LoadedPolicy } from '../policy-file.ts';
import { count } from '../output/index.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const LITTLE_SPACE_BYTES = 1024 ** 3;

/** What policy holds, and where it comes from. */
export function describePolicy({ policy, file }: LoadedPolicy): Finding {
  const scopes = count(policy.scopes.length, 'scope');
  return ok('policy', `${scopes}, ${file === undefined ? 'built in' : `from ${file}`}`);
}

/** Looks at the folder of the embedded database. */
export async function checkDataDirectory(
  config: Config,
  kind: 'running' | 'started',
): Promise<Finding> {
  const name = 'data folder';
  const folder = config.dataDirectory;
  try {
    await access(folder, constants.R_OK | constants.W_OK);
  } catch {
    return fail(
      name,
      `${folder} cannot be written`,
      'give it to this user, or choose another with ROLECALL_DATA_DIR',
    );
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const gigabytes = (free / 1024 ** 3).toFixed(1);
  if (free < LITTLE_SPACE_BYTES) {
    return warn(
      name,
      `only ${gigabytes} GB are free in ${folder}`,
      'make room: a full disk stops writes',
    );
  }
  const state = kind === 'running' ? 'in use by a running Rolecall' : 'not in use';
  return ok(name, `${folder}, ${state}, ${gigabytes} GB free`);
}

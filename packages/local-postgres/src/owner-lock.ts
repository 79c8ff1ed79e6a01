import { randomUUID } from 'node:crypto';
import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalPostgresError, systemErrorCode } from './local-postgres-error.ts';
import { identifyProcess, isAlive } from './process-identity.ts';

/*
 * The lock is a row of numbered files, `owner.1`, `owner.2`, …; only the highest number counts.
 *
 *   no file            free
 *   highest, released  free
 *   highest, its process is gone   free
 *   highest, its process lives     owned
 *
 * A free lock is taken by creating the next number, which the file system lets one process do. A
 * single file could not be taken from a dead owner safely: between "its owner is dead" and "I
 * replace it", another process may have replaced it already.
 *
 * INVARIANT (one owner): the highest number is never removed, so a process that was slow to look
 * finds the newer owner when it looks again after creating its own number.
 */

const FILE = /^owner\.(\d+)$/;

interface Owner {
  readonly pid: number;
  readonly identity: string;
  readonly released: boolean;
}

export interface OwnerLock {
  /** Lets the next one have the directory; more than one call does nothing more. */
  readonly release: () => Promise<void>;
}

/**
 * Makes this process the owner of `directory`, which must exist, until it releases it or ends.
 * Throws `data_directory_in_use`. It sees owners on this machine and in this pid namespace: two
 * containers must not be given the same directory.
 */
export async function takeOwnership(
  directory: string,
  lives: (pid: number, identity: string) => boolean = isAlive,
): Promise<OwnerLock> {
  const owner: Owner = {
    pid: process.pid,
    identity: identifyProcess(process.pid) ?? 'unknown',
    released: false,
  };
  for (;;) {
    const current = await highestGeneration(directory);
    if (current > 0) await refuseLivingOwner(directory, current, lives);
    const mine = current + 1;
    if (!(await createGeneration(directory, mine, owner))) continue;
    // INVARIANT (one owner): relied on here.
    if ((await highestGeneration(directory)) === mine) {
      await removeBelow(directory, mine);
      return { release: () => replaceGeneration(directory, mine, { ...owner, released: true }) };
    }
    await rm(generationFile(directory, mine), { force: true });
  }
}

function generationFile(directory: string, generation: number): string {
  return join(directory, `owner.${generation}`);
}

async function generations(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const digits = FILE.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

async function highestGeneration(directory: string): Promise<number> {
  return Math.max(0, ...(await generations(directory)));
}

async function refuseLivingOwner(
  directory: string,
  generation: number,
  lives: (pid: number, identity: string) => boolean,
): Promise<void> {
  const owner = await readOwner(directory, generation);
  if (owner === undefined || owner.released || !lives(owner.pid, owner.identity)) return;
  throw new LocalPostgresError(
    'data_directory_in_use',
    `the data directory \`${directory}\` is in use by process ${owner.pid}`,
    { directory, pid: owner.pid },
    { advice: 'stop that process, or choose another data directory' },
  );
}

/** The owner in a file; none when the file is gone or was cut off by a crash of the machine. */
async function readOwner(directory: string, generation: number): Promise<Owner | undefined> {
  try {
    const text = await readFile(generationFile(directory, generation), 'utf8');
    const value: unknown = JSON.parse(text);
    return isOwner(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isSafeInteger(value.pid) &&
    'identity' in value &&
    typeof value.identity === 'string' &&
    'released' in value &&
    typeof value.released === 'boolean'
  );
}

/** Creates the file with all of its content at once; false when the number is taken. */
async function createGeneration(
  directory: string,
  generation: number,
  owner: Owner,
): Promise<boolean> {
  const draft = await writeDraft(directory, owner);
  try {
    await link(draft, generationFile(directory, generation));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceGeneration(
  directory: string,
  generation: number,
  owner: Owner,
): Promise<void> {
  try {
    await rename(await writeDraft(directory, owner), generationFile(directory, generation));
  } catch (error) {
    // The whole directory was removed while it was owned; there is nothing left to release.
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

async function writeDraft(directory: string, owner: Owner): Promise<string> {
  const draft = join(directory, `owner.draft-${randomUUID()}`);
  await writeFile(draft, `${JSON.stringify(owner)}\n`, { mode: 0o644, flag: 'wx' });
  return draft;
}

async function removeBelow(directory: string, generation: number): Promise<void> {
  for (const older of await generations(directory)) {
    if (older < generation) await rm(generationFile(directory, older), { force: true });
  }
}

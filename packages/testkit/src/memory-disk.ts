import { accessSync, constants, statfsSync } from 'node:fs';

const MEMORY_DISK = '/dev/shm';
const GIBIBYTE = 2 ** 30;

/**
 * A folder that is kept in memory, for data that nobody misses; nothing where there is none, or where it or
 * the memory has no room for so many GiB. A run of all tests makes and drops hundreds of databases: on a disk,
 * creating and removing their files is a fifth of all the work that there is.
 */
export function findMemoryDisk(neededGib: number): string | undefined {
  try {
    accessSync(MEMORY_DISK, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(MEMORY_DISK);
    const room = Math.min(bavail * bsize, process.availableMemory() / 2);
    return room >= neededGib * GIBIBYTE ? MEMORY_DISK : undefined;
  } catch {
    return undefined;
  }
}

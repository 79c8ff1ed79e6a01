import { rmSync, writeFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../test/scratch.ts';
import { LocalPostgresError } from './local-postgres-error.ts';
import { takeOwnership } from './owner-lock.ts';

const DEAD = { pid: 2 ** 22 + 1, identity: 'gone', released: false };

async function refusal(directory: string): Promise<LocalPostgresError> {
  const error: unknown = await takeOwnership(directory).catch((thrown: unknown) => thrown);
  if (!(error instanceof LocalPostgresError))
    throw new Error('the lock was given', { cause: error });
  return error;
}

describe('takeOwnership', () => {
  it('refuses a second owner and names the process of the first', async () => {
    const folder = await scratchFolder();
    await takeOwnership(folder);
    const error = await refusal(folder);
    expect(error.code).toBe('data_directory_in_use');
    expect(error.details).toEqual({ directory: folder, pid: process.pid });
    expect(error.message).toBe(
      `the data directory \`${folder}\` is in use by process ${process.pid}`,
    );
  });

  it('gives the directory to the next one after a release', async () => {
    const folder = await scratchFolder();
    const first = await takeOwnership(folder);
    await first.release();
    const second = await takeOwnership(folder);
    await first.release();
    expect((await refusal(folder)).code).toBe('data_directory_in_use');
    await second.release();
  });

  it('takes the place of an owner whose process is gone', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'owner.7'), JSON.stringify(DEAD));
    await takeOwnership(folder);
    expect(await readdir(folder)).toEqual(['owner.8']);
  });

  it('takes the place of an owner whose pid belongs to another process by now', async () => {
    const folder = await scratchFolder();
    const reused = { ...DEAD, pid: process.pid };
    await writeFile(join(folder, 'owner.1'), JSON.stringify(reused));
    await expect(takeOwnership(folder)).resolves.toBeDefined();
  });

  it('takes the place of an owner whose file was cut off by a crash of the machine', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'owner.1'), '{"pid":');
    await expect(takeOwnership(folder)).resolves.toBeDefined();
  });

  it('one owner: of many that find a dead one at the same time, one takes its place', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'owner.3'), JSON.stringify(DEAD));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => takeOwnership(folder)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('one owner: whoever was slow to take the place of a dead one finds the newer owner', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'owner.3'), JSON.stringify(DEAD));
    const living = { pid: process.pid, identity: 'newer', released: false };
    // While the dead owner is looked at, one process takes its place and ends, and another follows.
    const lives = (_: number, identity: string): boolean => {
      if (identity === 'newer') return true;
      writeFileSync(join(folder, 'owner.5'), JSON.stringify(living));
      rmSync(join(folder, 'owner.3'));
      return false;
    };
    await expect(takeOwnership(folder, lives)).rejects.toMatchObject({
      code: 'data_directory_in_use',
    });
    expect(await readdir(folder)).toEqual(['owner.5']);
  });

  it('one owner: there is never a second one while many take and release', async () => {
    const folder = await scratchFolder();
    let owners = 0;
    let turns = 0;
    const contend = async (): Promise<void> => {
      while (turns < 60) {
        const lock = await takeOwnership(folder).catch(() => undefined);
        if (lock === undefined) continue;
        owners += 1;
        turns += 1;
        expect(owners).toBe(1);
        await turn();
        owners -= 1;
        await lock.release();
      }
    };
    await Promise.all(Array.from({ length: 8 }, contend));
    expect(await readdir(folder)).toHaveLength(1);
  });
});

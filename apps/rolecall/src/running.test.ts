import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRunning, forgetRunning, noteRunning } from './running.ts';

let folder: string;
const here = { pid: process.pid, url: 'http://127.0.0.1:4000', databaseUrl: 'postgres://x' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the note of a running process', () => {
  it('is found while the process lives, and gone once it forgets', async () => {
    await noteRunning(folder, here);
    expect(await findRunning(folder)).toEqual(here);
    await forgetRunning(folder);
    expect(await findRunning(folder)).toBeUndefined();
  });

  it('says where the simulated WorkOS is, when there is one', async () => {
    const simulatedWorkos = { url: 'http://127.0.0.1:4001', key: 'sk_simulated' };
    await noteRunning(folder, { ...here, simulatedWorkos });
    expect(await findRunning(folder)).toEqual({ ...here, simulatedWorkos });
  });

  it('is for this user alone, because it holds a password', async () => {
    await noteRunning(folder, here);
    expect((await stat(join(folder, 'running.json'))).mode & 0o777).toBe(0o600);
  });

  it('of a process that is gone counts for nothing', async () => {
    await noteRunning(folder, { ...here, pid: 2 ** 22 + 1 });
    expect(await findRunning(folder)).toBeUndefined();
  });

  it('of another process is not taken away', async () => {
    await noteRunning(folder, { ...here, pid: process.ppid });
    await forgetRunning(folder);
    expect(await findRunning(folder)).toMatchObject({ pid: process.ppid });
  });

  it('that is broken counts for nothing', async () => {
    await writeFile(join(folder, 'running.json'), '{"pid":');
    expect(await findRunning(folder)).toBeUndefined();
    expect(await findRunning(join(folder, 'missing'))).toBeUndefined();
    expect(await readFile(join(folder, 'running.json'), 'utf8')).toBe('{"pid":');
  });
});

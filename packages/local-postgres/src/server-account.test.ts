import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ask, scratchFolder, start } from '../test/scratch.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { chooseServerAccount } from './server-account.ts';

const isRoot = process.getuid?.() === 0;
const hasSetpriv = process.platform === 'linux';

describe.skipIf(isRoot)('chooseServerAccount for an ordinary user', () => {
  it('lets the server run as that user', async () => {
    const binaries = await findBinaries();
    const data = join(await scratchFolder(), 'data');
    expect(await chooseServerAccount(binaries, data)).toEqual({ kind: 'same' });
  });
});

describe.runIf(isRoot)('chooseServerAccount for root (skipped for everybody else)', () => {
  let closed: string;
  /** Binaries in a folder that anybody may enter, wherever the checkout is. */
  let reachable: Binaries;

  beforeEach(async () => {
    closed = await scratchFolder();
    const folder = await scratchFolder();
    await chmod(folder, 0o755);
    reachable = { folder, initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  });

  it('switches to another user when that one may enter every folder', async () => {
    await chmod(closed, 0o711);
    const account = await chooseServerAccount(reachable, join(closed, 'data'));
    expect(account).toEqual({ kind: 'switched', uid: 65_534, gid: 65_534 });
  });

  it.runIf(hasSetpriv)('lets the server through a folder that only root may enter', async () => {
    const account = await chooseServerAccount(reachable, join(closed, 'data'));
    expect(account).toMatchObject({ kind: 'reaching', uid: 65_534 });
  });

  it.runIf(hasSetpriv)('runs a server below a folder that only root may enter', async () => {
    const postgres = await start({ directory: join(closed, 'deep', 'er') });
    expect(await ask(postgres.url, 'select 1')).toEqual([1]);
  });

  it('names the closed folder when nothing can let the server through', async () => {
    await mkdir(join(closed, 'open'));
    const choice = chooseServerAccount(reachable, join(closed, 'open', 'data'), '/nowhere');
    await expect(choice).rejects.toMatchObject({
      code: 'folder_not_reachable',
      message: `PostgreSQL does not run as root, and user 65534 may not enter \`${closed}\``,
      details: { folder: closed, uid: 65_534 },
    });
  });
});

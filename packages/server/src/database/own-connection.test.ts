import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openOwnConnection, type OwnConnection } from './own-connection.ts';
import { query } from './reader.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const open = (timeoutMs = 5_000): Promise<OwnConnection> =>
  openOwnConnection({ url: test.url, applicationName: 'own', timeoutMs });

describe('a connection of its own', () => {
  it('hears what is announced on a channel from when it listens', async () => {
    const connection = await open();
    const heard: string[] = [];
    await connection.listen('Odd channel', (payload) => heard.push(payload));
    const announce = (channel: string, payload: string) =>
      query(test.db, { text: 'SELECT pg_notify($1, $2)', values: [channel, payload] });
    await announce('another', 'nothing');
    await announce('Odd channel', 'something');
    await expect.poll(() => heard).toEqual(['something']);
    expect(connection.direct).toBe(true);
    connection.close();
    await expect.poll(() => connection.ended.aborted).toBe(true);
  });

  it('notices when the server ends it', async () => {
    const connection = await open();
    const [row] = await connection.query<{ pid: number }>({
      text: 'SELECT pg_backend_pid() AS pid',
    });
    await query(test.db, { text: 'SELECT pg_terminate_backend($1)', values: [row?.pid] });
    await expect.poll(() => connection.ended.aborted).toBe(true);
    await expect(connection.query({ text: 'SELECT 1' })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });

  it('gives a statement up that takes too long, and can be cut in the middle of one', async () => {
    const connection = await open(1_000);
    const slow = connection.query({ text: 'SELECT pg_sleep(1.5)' });
    await expect(slow).rejects.toMatchObject({ code: 'database_unavailable' });
    connection.close();
    const other = await open();
    const cut = other.query({ text: 'SELECT pg_sleep(0.5)' }).catch((error: unknown) => error);
    await sleep(50);
    other.close();
    expect(await cut).toMatchObject({ code: 'database_unavailable' });
    await sleep(500); // the server goes on with a statement that nobody waits for
  });

  it('is refused by a server that is not there', async () => {
    const nowhere = { url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'own' };
    await expect(openOwnConnection({ ...nowhere, timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
});

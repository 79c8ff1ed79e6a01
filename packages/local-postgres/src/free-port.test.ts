import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scratchFolder, start } from '../test/scratch.ts';
import { findFreePort, onFreePort } from './free-port.ts';

/** A port of the loopback address that stays taken until the end of the test. */
async function takenPort(): Promise<number> {
  const port = await findFreePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return port;
}

describe('onFreePort', () => {
  it('goes on with another port when the proposed one is taken, and says so when it may not', async () => {
    const directory = await scratchFolder();
    const taken = await takenPort();
    await expect(start({ directory, port: taken })).rejects.toMatchObject({
      code: 'port_in_use',
      message: `the port \`${taken}\` for PostgreSQL is in use`,
      details: { port: taken },
    });
    const free = await findFreePort();
    const proposals = [taken, free];
    const postgres = await onFreePort(
      (port) => start({ directory, port }),
      () => Promise.resolve(proposals.shift() ?? 0),
    );
    expect(postgres.port).toBe(free);
  });

  it('does not repeat what fails for another reason', async () => {
    let calls = 0;
    const failing = onFreePort(() => {
      calls += 1;
      return Promise.reject(new Error('no disk'));
    });
    await expect(failing).rejects.toThrow('no disk');
    expect(calls).toBe(1);
  });
});

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { startSimulator } from '@rolecall/workos-simulator';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTransport, type TransportOptions } from '../transport.ts';
import { openUngatedPort } from './ungated-port.ts';

const simulator = await startSimulator({ rateLimits: 'off' });
afterAll(() => simulator.close());

/** Something in between that counts connections. */
async function startProxy(): Promise<{ readonly url: string; readonly connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const target = connect(Number(new URL(simulator.url).port), '127.0.0.1');
    socket.pipe(target).pipe(socket);
    socket.on('error', () => target.destroy());
    target.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, connections: () => connections };
}

const open = (options: Partial<TransportOptions> = {}) =>
  createTransport({
    apiKey: simulator.apiKey,
    apiUrl: simulator.url,
    timeoutMs: 2_000,
    ...options,
  });

describe('the transport', () => {
  it('keeps connections from one call to the next, whatever the answer', async () => {
    const proxy = await startProxy();
    const { port, close } = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: proxy.url });
    onTestFinished(close);
    for (let turn = 0; turn < 20; turn += 1) {
      await port.listEnvironmentRoles();
      await expect(port.getUser('user_1')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(proxy.connections()).toBeLessThanOrEqual(3);
  });

  it('sends no idempotency key, because nothing is ever sent twice', async () => {
    const { port, close } = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: simulator.url });
    onTestFinished(close);
    await port.createOrganization({ name: 'Once' });
    const [record] = simulator.requests.list({ method: 'POST' });
    expect(record).toMatchObject({ idempotencyKey: null, path: '/organizations' });
  });

  it('keeps an id in its own segment of the path', async () => {
    const { port, close } = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: simulator.url });
    onTestFinished(close);
    const ids = ['a/b', '../users', '%2e%2e', 'a?b=c#d', 'ä ö', '*', '%'];
    for (const id of ids) {
      simulator.requests.clear();
      await expect(port.getOrganization(id)).rejects.toMatchObject({ kind: 'gone' });
      const [record] = simulator.requests.list();
      expect(decodeURIComponent(record?.path.split('/')[2] ?? '')).toBe(id);
      expect(record?.path.split('/')).toHaveLength(3);
    }
  });

  it('follows no redirect, which would carry the key elsewhere', async () => {
    const elsewhere = await startSimulator();
    onTestFinished(() => elsewhere.close());
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.end(
          `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${elsewhere.url}\r\nContent-Length: 0\r\n\r\n`,
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const transport = open({ apiUrl });
    onTestFinished(transport.close);
    await expect(
      transport.send({ method: 'GET', route: '/authorization/roles' }),
    ).rejects.toMatchObject({ kind: 'malformed', status: 307 });
    expect(elsewhere.requests.counts().total).toBe(0);
  });

  it.each(['', 'workos', 'ftp://workos.example', 'https://workos.example/api', 'http://h/?x=1'])(
    'refuses the address `%s`',
    (apiUrl) => {
      expect(() => open({ apiUrl })).toThrow(TypeError);
    },
  );

  it('refuses an empty key instead of looking for one in the environment', () => {
    expect(() => open({ apiKey: '' })).toThrow(TypeError);
  });

  it('understands a Retry-After that is a date', async () => {
    const now = Date.UTC(2026, 0, 1);
    const server = createServer((socket) => {
      socket.once('data', () => {
        const after = new Date(now + 30_000).toUTCString();
        socket.end(
          `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${after}\r\nContent-Length: 2\r\n\r\n{}`,
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const transport = open({ apiUrl, now: () => now });
    onTestFinished(transport.close);
    await expect(
      transport.send({ method: 'GET', route: '/authorization/roles' }),
    ).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 30_000 });
  });
});

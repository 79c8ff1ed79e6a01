import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { type HttpServer, listen } from './http-server.ts';

const open: HttpServer[] = [];

async function listening(): Promise<HttpServer> {
  const server = await listen({ host: '127.0.0.1', port: 0 });
  open.push(server);
  return server;
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0).catch(() => 0);
});

describe('listen', () => {
  it('is alive and not ready until there is a handler', async () => {
    const server = await listening();
    const health = await fetch(`${server.url}/healthz`);
    const other = await fetch(`${server.url}/readyz`);
    expect(health.status).toBe(200);
    expect(other.status).toBe(503);
    expect(other.headers.get('retry-after')).toBe('1');
    expect(await other.json()).toMatchObject({ code: 'database_unavailable', status: 503 });
    server.serve(() => new Response('ready'));
    expect(await (await fetch(`${server.url}/readyz`)).text()).toBe('ready');
  });

  it('says that a port is taken, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    try {
      const failure: unknown = await listen({ host: '127.0.0.1', port }).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(CliError);
      expect(failure).toMatchObject({ code: 'port_in_use', exitCode: exitCodes.addressTaken });
      expect(String(failure)).toContain(String(port));
    } finally {
      other.close();
    }
  });

  it('refuses an address that is not of this machine', async () => {
    const failing = listen({ host: '203.0.113.1', port: 0 });
    await expect(failing).rejects.toMatchObject({
      code: 'host_not_available',
      exitCode: exitCodes.addressTaken,
    });
  });
});

describe('close', () => {
  it('lets a request in flight finish, and takes no new one', async () => {
    const server = await listening();
    const arrived = Promise.withResolvers<undefined>();
    server.serve(async () => {
      arrived.resolve(undefined);
      await sleep(200);
      return new Response('finished');
    });
    const inFlight = fetch(server.url);
    await arrived.promise;
    const closing = server.close(5_000);
    await expect(fetch(server.url)).rejects.toThrow();
    expect(await (await inFlight).text()).toBe('finished');
    expect(await closing).toBe(0);
  });

  it('does not wait for a connection on which nothing is asked', async () => {
    const server = await listening();
    server.serve(() => new Response('kept alive'));
    await (await fetch(server.url)).text();
    const started = performance.now();
    await server.close(5_000);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('cuts off what takes too long, and counts it', async () => {
    const server = await listening();
    const arrived = Promise.withResolvers<undefined>();
    server.serve(async () => {
      arrived.resolve(undefined);
      await sleep(1_000);
      return new Response('too late');
    });
    const inFlight = fetch(server.url).catch((error: unknown) => error);
    await arrived.promise;
    expect(await server.close(100)).toBe(1);
    expect(await inFlight).toBeInstanceOf(Error);
  });
});

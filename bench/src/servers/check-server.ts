/**
 * A process of its own: Rolecall on one port, and on another a Hono route that only parses the same body,
 * each as fast as its own documentation says it can be served. Prints both ports as JSON and stays until its
 * standard input ends.
 */
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import { getRequestListener, serve } from '@hono/node-server';
import { createRolecall } from '@rolecall/server';
import { Hono } from 'hono';

const [databaseUrl = ''] = process.argv.slice(2);
const rolecall = createRolecall({ databaseUrl });
await rolecall.start();
const routes = getRequestListener(rolecall.handler, { overrideGlobalObjects: false });
const parseOnly = new Hono().post('/v1/organizations/:org/check', async (context) =>
  context.json({ checks: (await context.req.json<{ checks: unknown[] }>()).checks.length }),
);

const ports = {
  rolecall: await listen((incoming, outgoing) => {
    rolecall.direct(incoming, outgoing, routes);
  }),
  parseOnly: await new Promise<number>((resolve) => {
    serve({ fetch: parseOnly.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      resolve(port);
    });
  }),
};
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.resume().on('end', () => process.exit(0));

function listen(listener: RequestListener): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer(listener).listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

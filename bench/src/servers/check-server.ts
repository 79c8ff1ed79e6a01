/**
 * A process of its own: Rolecall's handler on one port, and on another a Hono route that only parses the
 * same body. Prints both ports as JSON and stays until its standard input ends.
 */
import { serve } from '@hono/node-server';
import { createRolecall } from '@rolecall/server';
import { Hono } from 'hono';

const [databaseUrl = ''] = process.argv.slice(2);
const rolecall = createRolecall({ databaseUrl });
const parseOnly = new Hono().post('/v1/organizations/:org/check', async (context) =>
  context.json({ checks: (await context.req.json<{ checks: unknown[] }>()).checks.length }),
);

const ports = {
  rolecall: await listen((request) => rolecall.handler(request)),
  parseOnly: await listen((request) => parseOnly.fetch(request)),
};
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.resume().on('end', () => process.exit(0));

function listen(fetch: (request: Request) => Response | Promise<Response>): Promise<number> {
  return new Promise((resolve) => {
    serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      resolve(port);
    });
  });
}

/**
 * A Hono route that only parses the body of a check, served as the documentation of Hono says. Prints its port
 * when it is ready and stays until its standard input ends.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono().post('/v1/organizations/:org/check', async (context) =>
  context.json({ checks: (await context.req.json<{ checks: unknown[] }>()).checks.length }),
);
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(`${String(port)}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));

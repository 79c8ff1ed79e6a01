/** Serves the example: `node src/main.ts postgres://…` */
import { serve } from '@hono/node-server';
import { createApp, openRolecall } from './app.ts';

const [databaseUrl = ''] = process.argv.slice(2);
const rolecall = openRolecall(databaseUrl);
await rolecall.migrate();
serve({ fetch: createApp(rolecall, new Map()).fetch, port: 3000 }, ({ port }) => {
  process.stdout.write(`http://127.0.0.1:${String(port)}\n`);
});

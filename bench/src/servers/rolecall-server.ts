/**
 * Rolecall as one process that answers from memory. Prints its port when it is ready and stays until its
 * standard input ends.
 */
import { serve } from '@hono/node-server';
import { createRolecall } from '@rolecall/server';

const [databaseUrl = ''] = process.argv.slice(2);
const rolecall = createRolecall({ databaseUrl });
await rolecall.access.start();
serve(
  { fetch: (request) => rolecall.handler(request), port: 0, hostname: '127.0.0.1' },
  ({ port }) => {
    process.stdout.write(`${String(port)}\n`);
  },
);
process.stdin.resume().on('end', () => process.exit(0));

/**
 * Rolecall as one process that answers from memory, served as `rolecall serve` does. Prints its port when it is
 * ready and stays until its standard input ends.
 */
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createRolecall } from '@rolecall/server';

const [databaseUrl = ''] = process.argv.slice(2);
const rolecall = createRolecall({ databaseUrl });
await rolecall.start();
const routes = getRequestListener(rolecall.handler, { overrideGlobalObjects: false });
const server = createServer((incoming, outgoing) => {
  rolecall.direct(incoming, outgoing, routes);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));

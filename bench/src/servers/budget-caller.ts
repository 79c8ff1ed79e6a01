import { openDatabase } from '@rolecall/server/database';
import { openWorkos } from '../../../packages/server/src/workos/index.ts';

/*
 * A process that calls WorkOS as often as the shared budget lets it, until it is ended. Its arguments are the
 * address of the database, that of WorkOS, the key, and the limits as JSON.
 */
const [url = '', apiUrl = '', apiKey = '', limits = '{}'] = process.argv.slice(2);
const { db } = openDatabase({ url, maxConnections: 4 });
const workos = openWorkos({ db, apiKey, apiUrl, limits: JSON.parse(limits) as never });
process.send?.('ready');
for (let caller = 0; caller < 20; caller += 1) void callForEver();

async function callForEver(): Promise<never> {
  for (;;) await workos.port.listEnvironmentRoles().catch(() => undefined);
}

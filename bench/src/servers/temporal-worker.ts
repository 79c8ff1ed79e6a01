import { openDatabase } from '@rolecall/server/database';
import { temporalRunner } from '@rolecall/temporal-runner';
import { openWorkos } from '../../../packages/server/src/workos/index.ts';

/*
 * A worker on Temporal with what suits production, but for the limits of WorkOS, until it is ended. Its arguments are
 * the addresses of the database and of WorkOS, the key, the address of Temporal, and the bundled workflows.
 */
const [url = '', apiUrl = '', apiKey = '', address = '', bundlePath = ''] = process.argv.slice(2);
const { db } = openDatabase({ url, maxConnections: 10 });
const unlimited = { calls: 10_000_000, windowMs: 60_000 };
const limits = { all: unlimited, userReads: unlimited, userWrites: unlimited };
const workos = openWorkos({ db, apiKey, apiUrl, limits });
const connection = { address, namespace: 'default' };
const runner = temporalRunner({ connection, bundlePath })({
  db,
  url,
  workos,
  report: () => undefined,
});
process.once('disconnect', () => process.exit());
await runner.start();
process.send?.('ready');

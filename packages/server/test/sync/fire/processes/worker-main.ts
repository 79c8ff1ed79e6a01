import { openDatabase } from '@rolecall/server/database';
import { createPostgresRunner } from '../../../../src/sync/index.ts';
import { openWorkos } from '../../../../src/workos/index.ts';

/*
 * A worker in a process of its own, to be killed at any moment: the runner of production, with short times.
 * Its arguments are the address of the database, that of WorkOS, and the key.
 */
const [url = '', apiUrl = '', apiKey = ''] = process.argv.slice(2);
const { db } = openDatabase({ url, maxConnections: 4, checkoutTimeoutMs: 1_000 });
const workos = openWorkos({
  db,
  apiKey,
  apiUrl,
  timeoutMs: 700,
  circuit: { firstRetryMs: 100, maxRetryMs: 400, refusedRetryMs: 200, watchMs: 100 },
});
const runner = createPostgresRunner({ db, url, workos, timers: false, leaseMs: 12_000 });
await runner.start();
setInterval(() => {
  runner.nudge();
}, 300);
// Nobody is left who would kill it.
process.once('disconnect', () => process.exit());
process.send?.('ready');

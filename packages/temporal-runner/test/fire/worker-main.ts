import { openDatabase } from '@rolecall/server/database';
import { openWorkos } from '../../../server/src/workos/index.ts';
import { temporalRunner } from '../../src/index.ts';

/*
 * A worker in a process of its own, to be killed at any moment: the runner of production, with short times. Its
 * arguments are the addresses of the database and of WorkOS, the key, the address of Temporal, the task queue, and
 * the bundled workflows.
 */
const [url = '', apiUrl = '', apiKey = '', address = '', taskQueue = '', bundlePath = ''] =
  process.argv.slice(2);
const { db } = openDatabase({ url, maxConnections: 4, checkoutTimeoutMs: 1_000 });
const workos = openWorkos({
  db,
  apiKey,
  apiUrl,
  timeoutMs: 700,
  circuit: { firstRetryMs: 100, maxRetryMs: 400, refusedRetryMs: 200, watchMs: 100 },
});
const runner = temporalRunner({
  connection: { address, namespace: 'default' },
  taskQueue,
  bundlePath,
  schedules: false,
  leaseMs: 12_000,
})({ db, url, workos, report: () => undefined });
await runner.start();
setInterval(() => {
  runner.nudge();
}, 300);
// Nobody is left who would kill it.
process.once('disconnect', () => process.exit());
process.send?.('ready');

/**
 * Brings over whatever is keyed by slugs in the database of its first argument, and writes a line after each
 * transaction: the rows so far, and the milliseconds since it began. To be killed at any moment.
 */
import { createRolecall } from '@rolecall/server';
import { openDatabase } from '@rolecall/server/database';

const url = process.argv[2] ?? '';
const database = openDatabase({ url, maxConnections: 2, statementTimeoutMs: 0 });
const rolecall = createRolecall({ database });
const started = performance.now();
await rolecall.legacy.backfill({
  onProgress: ({ done }) => {
    process.stdout.write(`${done} ${Math.round(performance.now() - started)}\n`);
  },
});
await rolecall.close();
await database.close();

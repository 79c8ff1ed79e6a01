/**
 * A process that owns a local PostgreSQL, for tests that kill it. It writes a line per step, then
 * `url <url>` or `error <code>`; the line `exit` on its input makes it end without a stop.
 */
import { LocalPostgresError, startLocalPostgres } from '../src/index.ts';

const [directory = '', durable] = process.argv.slice(2);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.stdin.on('data', (chunk: Buffer) => {
  if (chunk.toString().includes('exit')) process.exit(0);
});

try {
  const postgres = await startLocalPostgres({
    directory,
    durable: durable === 'durable',
    onProgress: say,
  });
  say(`url ${postgres.url}`);
} catch (error) {
  if (!(error instanceof LocalPostgresError)) throw error;
  say(`error ${error.code}`);
  process.stdin.unref();
}

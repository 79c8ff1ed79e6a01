import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import { version } from '../version.ts';
import type { Wired } from '../wire.ts';
import { closeInOrder } from './close-in-order.ts';
import { settleGivenKey } from './first-key.ts';
import { type HttpServer, listen } from './http-server.ts';
import { createLog } from './log.ts';
import { watchStopSignals } from './signals.ts';

/** What `serve` is told beyond the environment. */
export interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly migrate?: boolean;
}

const GRACE_MS = 10_000;

/** Runs the API on DATABASE_URL until it is asked to stop. Several may start at once. */
export async function serve(session: Session, options: ServeOptions): Promise<Outcome> {
  const config = session.config({
    PORT: { option: '--port', value: options.port },
    HOST: { option: '--host', value: options.host },
  });
  const { databaseUrl } = config;
  if (databaseUrl === undefined) throw noDatabaseUrl();
  const stop = watchStopSignals(() => process.exit(exitCodes.interrupted));
  const log = createLog(config.logLevel ?? 'info');
  const { policy, file } = await loadPolicy(session.world.directory, options.config);
  const { runMigrations } = await import('@rolecall/server/database');
  const { requireMigrations } = await import('../database/index.ts');
  const { wire } = await import('../wire.ts');
  let http: HttpServer | undefined;
  let wired: Wired | undefined;
  try {
    http = await listen(config);
    if (options.migrate === true) {
      log.info({ applied: await runMigrations(databaseUrl) }, 'the schema is up to date');
    } else {
      await requireMigrations(databaseUrl);
    }
    wired = await wire({
      databaseUrl,
      policy,
      log,
      isShuttingDown: () => stop.isRequested(),
      memory: config.memory,
      pooler: config.pooler,
    });
    if (config.apiKey !== undefined) await settleGivenKey(wired.roles, config.apiKey);
    http.serve(wired.handler);
    const { url } = http;
    log.info({ url, version, config: file ?? null }, 'rolecall serves');
    session.output.answer({ url, pid: process.pid }, () => `Rolecall ${version} serves ${url}`);
    log.info({ signal: await stop.requested }, 'rolecall stops');
  } finally {
    await closeInOrder(
      () => http?.close(GRACE_MS),
      () => wired?.close(),
    );
  }
  return undefined;
}

function noDatabaseUrl(): CliError {
  return new CliError(exitCodes.usage, 'usage', '`serve` needs DATABASE_URL', {
    advice: 'set it to a PostgreSQL, or use `start`, which brings one of its own',
  });
}

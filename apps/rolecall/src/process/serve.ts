import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import { version } from '../version.ts';
import type { Wired } from '../wire.ts';
import { closeInOrder } from './close-in-order.ts';
import { settleGivenKey } from './first-key.ts';
import { type HttpServer, listen } from './http-server.ts';
import { createLog } from './log.ts';
import { runnerFor } from './runner.ts';
import { settleSchema } from './settle-schema.ts';
import { watchStopSignals } from './signals.ts';
import { connectionOf, notKeptEqual, WORKOS_URL } from './workos-connection.ts';

/** What `serve` is told beyond the environment. */
export interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly migrate?: boolean;
  readonly workers?: string;
  readonly runner?: string;
  /** The number of this worker, when it is one of several. */
  readonly asWorker?: string;
}

/** What the start has been told. */
interface ServeOrders {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly options: ServeOptions;
}

const GRACE_MS = 10_000;

/**
 * Runs the API on DATABASE_URL until it is asked to stop, and keeps WorkOS equal where a key of it is set. Several
 * may start at once.
 */
export async function serve(session: Session, options: ServeOptions): Promise<Outcome> {
  const config = session.config({
    PORT: { option: '--port', value: options.port },
    HOST: { option: '--host', value: options.host },
    ROLECALL_RUNNER: { option: '--runner', value: options.runner },
    ROLECALL_WORKERS: { option: '--workers', value: options.workers },
  });
  const { databaseUrl } = config;
  if (databaseUrl === undefined) throw noDatabaseUrl();
  if (options.asWorker !== undefined) {
    const { serveAsWorker } = await import('./serve-as-worker.ts');
    const { asWorker: number, config: configFile } = options;
    return serveAsWorker(session, { config, databaseUrl, number, configFile, graceMs: GRACE_MS });
  }
  if (config.workers > 1) {
    const { serveWithWorkers } = await import('./serve-with-workers.ts');
    return serveWithWorkers(session, { config, databaseUrl, options });
  }
  return serveAlone(session, { config, databaseUrl, options });
}

/** The whole API in this process. */
async function serveAlone(
  session: Session,
  { config, databaseUrl, options }: ServeOrders,
): Promise<Outcome> {
  const stop = watchStopSignals(() => process.exit(exitCodes.interrupted));
  const log = createLog(config.logLevel ?? 'info');
  const { policy, file } = await loadPolicy(session.world.directory, options.config);
  const { wire } = await import('../wire.ts');
  let http: HttpServer | undefined;
  let wired: Wired | undefined;
  try {
    http = await listen(config);
    await settleSchema(databaseUrl, { migrate: options.migrate === true, log });
    wired = await wire({
      databaseUrl,
      policy,
      workos: connectionOf(config),
      runner: await runnerFor(config),
      log,
      isShuttingDown: () => stop.isRequested(),
      memory: config.memory,
      pooler: config.pooler,
    });
    if (config.apiKey !== undefined) await settleGivenKey(wired.roles, config.apiKey);
    http.serve(wired.handler, wired.direct);
    await wired.sync?.start();
    if (wired.sync === undefined) log.warn(notKeptEqual);
    const { url } = http;
    log.info({ url, version, config: file ?? null }, 'rolecall serves');
    const workos = wired.sync === undefined ? null : (config.workos?.apiUrl ?? WORKOS_URL);
    session.output.answer(
      { url, workos, pid: process.pid },
      () => `Rolecall ${version} serves ${url}${workos === null ? `; ${notKeptEqual}` : ''}`,
    );
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

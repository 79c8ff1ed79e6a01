import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import { version } from '../version.ts';
import type { Wired } from '../wire.ts';
import { closeInOrder } from './close-in-order.ts';
import { type Handler, type HttpServer, listen } from './http-server.ts';
import { createLog } from './log.ts';
import { requireRunner, runnerFor } from './runner.ts';
import { watchStopSignals } from './signals.ts';
import { connectionOf, WORKOS_URL } from './workos-connection.ts';

/** What `worker` is told beyond the environment. */
export interface WorkerOptions {
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly runner?: string;
}

const GRACE_MS = 2_000;
const SHOWN: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Keeps WorkOS equal on DATABASE_URL until it is asked to stop, and answers no requests but those about itself,
 * on a port that was named with `--port`. As many as needed: what one works on, the others leave alone.
 */
export async function worker(session: Session, options: WorkerOptions): Promise<Outcome> {
  const config = session.config({
    PORT: { option: '--port', value: options.port },
    HOST: { option: '--host', value: options.host },
    ROLECALL_RUNNER: { option: '--runner', value: options.runner },
  });
  const { databaseUrl } = config;
  const workos = connectionOf(config);
  if (databaseUrl === undefined) throw lacks('DATABASE_URL');
  if (workos === undefined) throw lacks('WORKOS_API_KEY');
  const stop = watchStopSignals(() => process.exit(exitCodes.interrupted));
  const log = createLog(config.logLevel ?? 'info');
  const { policy } = await loadPolicy(session.world.directory, options.config);
  const { requireMigrations } = await import('../database/index.ts');
  const { wire } = await import('../wire.ts');
  let http: HttpServer | undefined;
  let wired: Wired | undefined;
  try {
    if (options.port !== undefined) http = await listen(config);
    await requireMigrations(databaseUrl);
    const isShuttingDown = (): boolean => stop.isRequested();
    await requireRunner(config);
    const runner = await runnerFor(config);
    wired = await wire({ databaseUrl, policy, workos, runner, log, isShuttingDown });
    http?.serve(onlyAboutItself(wired.handler));
    await wired.sync?.start();
    const facts = { workos: workos.apiUrl ?? WORKOS_URL, url: http?.url ?? null, pid: process.pid };
    log.info({ ...facts, version }, 'rolecall works');
    session.output.answer(facts, () => `Rolecall ${version} keeps ${facts.workos} equal`);
    log.info({ signal: await stop.requested }, 'rolecall stops');
  } finally {
    await closeInOrder(
      () => http?.close(GRACE_MS),
      () => wired?.close(),
    );
  }
  return undefined;
}

function onlyAboutItself(handler: Handler): Handler {
  return (request) =>
    SHOWN.has(new URL(request.url).pathname)
      ? handler(request)
      : new Response('this is a worker; the API is served elsewhere\n', { status: 404 });
}

function lacks(variable: string): CliError {
  return new CliError(exitCodes.usage, 'usage', `\`worker\` needs ${variable}`, {
    advice: 'set it, or use `start`, which brings a PostgreSQL and a simulated WorkOS of its own',
  });
}

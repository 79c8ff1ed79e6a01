import cluster from 'node:cluster';
import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import type { Wired } from '../wire.ts';
import { closeInOrder } from './close-in-order.ts';
import { settleGivenKey } from './first-key.ts';
import { type HttpServer, listen } from './http-server.ts';
import { createLog } from './log.ts';
import { runnerFor } from './runner.ts';
import { watchStopSignals } from './signals.ts';
import { openWorkerLine, type WorkerLine } from './worker-line.ts';
import { connectionOf } from './workos-connection.ts';

/** What a worker is started with. */
interface WorkerOrders {
  readonly config: Config;
  readonly databaseUrl: string;
  /** From 1 on. The first one does what is done once: it keeps WorkOS equal, and tidies up. */
  readonly number: string;
  readonly configFile: string | undefined;
  readonly graceMs: number;
}

/**
 * Is one of the workers of `serve`: listens once it can answer, at the address that it is told, and ends when it
 * is told to, when it is signalled, or when the process that started it is gone.
 */
export async function serveAsWorker(session: Session, orders: WorkerOrders): Promise<Outcome> {
  const { config, databaseUrl, graceMs } = orders;
  if (!cluster.isWorker) throw notByHand();
  const isFirst = orders.number === '1';
  const signals = watchStopSignals(() => process.exit(exitCodes.interrupted));
  const line = openWorkerLine();
  const stop = Promise.race([signals.requested, line.stopRequested]);
  const log = createLog(config.logLevel ?? 'info').child({ worker: Number(orders.number) });
  const { policy } = await loadPolicy(session.world.directory, orders.configFile);
  const { wire } = await import('../wire.ts');
  let http: HttpServer | undefined;
  let wired: Wired | undefined;
  try {
    wired = await wire({
      databaseUrl,
      policy,
      workos: connectionOf(config),
      runner: await runnerFor(config),
      log,
      isShuttingDown: () => signals.isRequested() || line.isStopRequested(),
      memory: config.memory,
      pooler: config.pooler,
      tidies: isFirst,
      metricsPage: () => renderPage(line),
    });
    line.tellFigures(wired.figures);
    if (isFirst && config.apiKey !== undefined) await settleGivenKey(wired.roles, config.apiKey);
    line.ready();
    const port = await Promise.race([line.port, stop.then(() => undefined)]);
    if (port === undefined) return undefined;
    http = await listen({ host: config.host, port });
    http.serve(wired.handler, wired.direct);
    if (isFirst) await wired.sync?.start();
    await stop;
  } finally {
    await closeInOrder(
      () => http?.close(graceMs),
      () => wired?.close(),
    );
    // What it still has to say goes out first; without its line it ends by itself.
    cluster.worker?.disconnect();
  }
  return undefined;
}

async function renderPage(line: WorkerLine): Promise<string> {
  const { renderJointFigures } = await import('@rolecall/server');
  return renderJointFigures(await line.figuresOfAll());
}

function notByHand(): CliError {
  return new CliError(exitCodes.usage, 'usage', '`--as-worker` is for `serve --workers` itself', {
    advice: 'start several with `serve --workers <n>`',
  });
}

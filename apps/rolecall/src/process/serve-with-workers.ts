import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { exitCodeMeanings, exitCodes } from '../exit-codes.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import { version } from '../version.ts';
import { closeInOrder } from './close-in-order.ts';
import { HeldAddress } from './held-address.ts';
import { createLog } from './log.ts';
import { settleSchema } from './settle-schema.ts';
import { watchStopSignals } from './signals.ts';
import { WorkerDidNotStart, WorkerPool } from './worker-pool.ts';
import { notKeptEqual, WORKOS_URL } from './workos-connection.ts';

/** What the start has been told. */
interface ServeOrders {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly options: {
    readonly config?: string;
    readonly migrate?: boolean;
    readonly runner?: string;
  };
}

/** Longer than a worker itself gives to its requests in flight. */
const GRACE_MS = 15_000;

/**
 * Runs the API in several processes that share one address, until it is asked to stop. This one asks and
 * answers nothing: it hands connections out in turn, and replaces workers that end.
 */
export async function serveWithWorkers(
  session: Session,
  { config, databaseUrl, options }: ServeOrders,
): Promise<Outcome> {
  const stop = watchStopSignals(() => process.exit(exitCodes.interrupted));
  const log = createLog(config.logLevel ?? 'info');
  const { file } = await loadPolicy(session.world.directory, options.config);
  let pool: WorkerPool | undefined;
  const address = await HeldAddress.take(config);
  try {
    await settleSchema(databaseUrl, { migrate: options.migrate === true, log });
    pool = new WorkerPool({ address, log, argumentsOf: workerArguments(session, options) });
    await pool.start(config.workers);
    if (config.workos === undefined) log.warn(notKeptEqual);
    const { url } = address;
    log.info({ url, version, config: file ?? null, workers: config.workers }, 'rolecall serves');
    const workos = config.workos === undefined ? null : (config.workos.apiUrl ?? WORKOS_URL);
    session.output.answer(
      { url, workos, pid: process.pid, workers: config.workers },
      () => `Rolecall ${version} serves ${url} with ${config.workers} workers`,
    );
    log.info({ signal: await stop.requested }, 'rolecall stops');
  } catch (error) {
    if (error instanceof WorkerDidNotStart) return asOutcome(error);
    throw error;
  } finally {
    await closeInOrder(
      () => pool?.close(GRACE_MS),
      () => address.release(),
    );
  }
  return undefined;
}

/** The worker reads the same environment; the address is told to it when it is ready. */
function workerArguments(
  { output: { json } }: Session,
  { config, runner }: ServeOrders['options'],
): (number: number) => readonly string[] {
  return (number) => [
    ...(json ? ['--json'] : []),
    'serve',
    ...['--as-worker', String(number)],
    ...(config === undefined ? [] : ['--config', config]),
    ...(runner === undefined ? [] : ['--runner', runner]),
  ];
}

/** The worker has said what was wrong; what is left to say is its exit code. */
function asOutcome({ exitCode }: WorkerDidNotStart): Outcome {
  if (exitCode === exitCodes.done) return undefined;
  const known = exitCodeMeanings.find(([code]) => code === exitCode)?.[0];
  if (known !== undefined) return known;
  throw new CliError(exitCodes.defect, 'internal', 'a worker ended before it served', {
    advice: 'its last lines in the log say why; one that was killed leaves none',
  });
}

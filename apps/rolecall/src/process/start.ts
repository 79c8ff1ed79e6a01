import type { LocalPostgres } from '@rolecall/local-postgres';
import type { Policy } from '@rolecall/policy';
import type { Config } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, createSteps, type Steps } from '../output/index.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import { version } from '../version.ts';
import type { Wired } from '../wire.ts';
import { closeInOrder } from './close-in-order.ts';
import { embeddedExists, startEmbedded } from '../database/index.ts';
import { settleFirstKey } from './first-key.ts';
import type { HttpServer } from './http-server.ts';
import { createLog } from './log.ts';
import { forgetRunning, noteRunning } from '../running.ts';
import type { SimulatedWorkos } from '../simulated/index.ts';
import { requireRunner, runnerFor } from './runner.ts';
import { type StopWatch, watchStopSignals } from './signals.ts';
import { sayReady } from './say-ready.ts';
import { shortened } from './start-screen.ts';
import { alreadyRunning, takeAddress } from './take-address.ts';
import { watchActivity } from './watch-activity.ts';
import { connectionOf } from './workos-connection.ts';

/** What `start` is told beyond the environment. */
export interface StartOptions {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly config?: string;
  readonly runner?: string;
}

/** What runs so far; what is missing has not been started yet. */
interface Parts {
  http?: HttpServer;
  postgres?: LocalPostgres;
  simulated?: SimulatedWorkos;
  stopTelling?: () => void;
  wired?: Wired;
}

/** What the start has been told. */
interface Orders {
  readonly session: Session;
  readonly config: Config;
  readonly configFile: string | undefined;
  readonly stop: StopWatch;
  readonly steps: Steps;
}

const GRACE_MS = 10_000;
const HIGHEST_PORT = 65_535;

/** Runs everything until it is asked to stop: database, migrations, WorkOS or its simulation, first key, API. */
export async function start(session: Session, options: StartOptions): Promise<Outcome> {
  const config = session.config({
    PORT: { option: '--port', value: options.port },
    HOST: { option: '--host', value: options.host },
    ROLECALL_DATA_DIR: { option: '--data-dir', value: options.dataDir },
    ROLECALL_RUNNER: { option: '--runner', value: options.runner },
  });
  const { output } = session;
  const stop = watchStopSignals(() => process.exit(exitCodes.interrupted));
  const parts: Parts = {};
  const steps = createSteps(output);
  output.note(`\n  ${output.errorStyle.bold('Rolecall')} ${version}\n`);
  try {
    await bringUp(parts, { session, config, configFile: options.config, stop, steps });
    await stop.requested;
  } catch (error) {
    await takeDown(parts, config);
    // A Ctrl-C reaches the programs that are being run too, and makes them fail.
    if (stop.isRequested()) return undefined;
    throw error;
  }
  output.note('');
  await steps.run(
    'Stopping',
    () => takeDown(parts, config),
    () => 'Stopped',
  );
  return undefined;
}

/** Finishes the requests in flight and closes what runs, the database last. */
async function takeDown(parts: Parts, { dataDirectory }: Config): Promise<void> {
  const { http, wired, postgres, simulated, stopTelling } = parts;
  stopTelling?.();
  await closeInOrder(
    () => http?.close(GRACE_MS),
    () => wired?.close(),
    () => simulated?.close(),
    () => (postgres === undefined ? undefined : forgetRunning(dataDirectory)),
    () => postgres?.stop(),
  );
}

/** Starts one part after the other, and no further part once somebody has asked to stop. */
async function bringUp(parts: Parts, orders: Orders): Promise<void> {
  const { session, config, stop, steps } = orders;
  const { policy } = await loadPolicy(session.world.directory, orders.configFile);
  parts.http = await takeAddress(config);
  await requireRunner(config);
  const server = loadServer();
  // Waited for later: by then the first failure may have been another one.
  server.catch(() => undefined);
  const databaseUrl = config.databaseUrl ?? (await startPostgres(parts, orders));
  if (stop.isRequested()) return;
  if (config.workos === undefined) parts.simulated = await simulate(config, parts.http);
  await steps.run(
    'Applying migrations',
    async () => (await server).runMigrations(databaseUrl),
    ({ length }) => (length === 0 ? undefined : `${count(length, 'migration')} applied`),
  );
  if (stop.isRequested()) return;
  const { wire } = await server;
  parts.wired = await wire({
    databaseUrl,
    policy,
    workos: parts.simulated?.connection ?? connectionOf(config),
    runner: await runnerFor(config),
    log: createLog(config.logLevel ?? (session.output.interactive ? 'warn' : 'info')),
    isShuttingDown: () => stop.isRequested(),
    memory: config.memory,
    pooler: config.databaseUrl === undefined ? 'none' : config.pooler,
  });
  const key = await settleFirstKey(parts.wired.roles, config.apiKey);
  parts.http.serve(parts.wired.handler, parts.wired.direct);
  await parts.wired.sync?.start();
  await takeInDemo(parts, orders, policy);
  const { wired, simulated, http } = parts;
  if (parts.postgres !== undefined) {
    await noteRunning(config.dataDirectory, {
      pid: process.pid,
      url: http.url,
      databaseUrl,
      simulatedWorkos: simulated && { url: simulated.url, key: simulated.connection.apiKey },
    });
  }
  await sayReady(session, config, { url: http.url, key, wired, simulated });
  if (simulated !== undefined) {
    parts.stopTelling = await watchActivity(wired, databaseUrl, session.output);
  }
}

/** Where no WorkOS is named, one is simulated, on the port after that of the API where that is free. */
async function simulate(
  { dataDirectory, port }: Config,
  http: HttpServer,
): Promise<SimulatedWorkos> {
  const { startSimulatedWorkos } = await import('../simulated/index.ts');
  return startSimulatedWorkos({
    dataDirectory,
    rolecallUrl: http.url,
    port: port === 0 || port === HIGHEST_PORT ? 0 : port + 1,
  });
}

async function takeInDemo(
  { simulated, wired }: Parts,
  { steps }: Orders,
  policy: Policy,
): Promise<void> {
  if (simulated === undefined || wired === undefined) return;
  const { linkDemo } = await import('../simulated/index.ts');
  await steps.run(
    'Taking in what is in WorkOS',
    () => linkDemo(wired, policy, simulated.organizations),
    (linked) =>
      linked && `${count(linked.organizations, 'organization')} taken in from a simulated WorkOS`,
  );
}

/** Loads the server's code, which takes about as long as PostgreSQL takes to start. */
async function loadServer() {
  const { runMigrations } = await import('@rolecall/server/database');
  const { wire } = await import('../wire.ts');
  return { runMigrations, wire };
}

async function startPostgres(parts: Parts, { config, steps }: Orders): Promise<string> {
  const existed = embeddedExists(config.dataDirectory);
  const folder = shortened(config.dataDirectory);
  try {
    parts.postgres = await steps.run(
      'Starting PostgreSQL',
      (say) => startEmbedded(config.dataDirectory, say),
      ({ version: server }) =>
        existed ? `PostgreSQL ${server} started` : `PostgreSQL ${server} created in ${folder}`,
    );
    return parts.postgres.url;
  } catch (error) {
    const inUse =
      error instanceof Error && 'code' in error && error.code === 'data_directory_in_use';
    throw inUse ? await alreadyRunning(config, error) : error;
  }
}

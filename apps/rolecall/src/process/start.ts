import { relative, resolve } from 'node:path';
import type { LocalPostgres } from '@rolecall/local-postgres';
import { type Config, defaultPort } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, createSteps, type Steps } from '../output/index.ts';
import { loadPolicy } from '../policy-file.ts';
import type { Outcome, Session } from '../session/index.ts';
import { version } from '../version.ts';
import type { Wired } from '../wire.ts';
import { closeInOrder } from './close-in-order.ts';
import { embeddedExists, startEmbedded } from '../database/index.ts';
import { type FirstKey, settleFirstKey } from './first-key.ts';
import type { HttpServer } from './http-server.ts';
import { createLog } from './log.ts';
import { forgetRunning, noteRunning } from '../running.ts';
import { type StopWatch, watchStopSignals } from './signals.ts';
import { renderStartScreen } from './start-screen.ts';
import { alreadyRunning, takeAddress } from './take-address.ts';

/** What `start` is told beyond the environment. */
export interface StartOptions {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly config?: string;
}

/** What runs so far; what is missing has not been started yet. */
interface Parts {
  http?: HttpServer;
  postgres?: LocalPostgres;
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
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Runs everything until it is asked to stop: database, migrations, first key, API. */
export async function start(session: Session, options: StartOptions): Promise<Outcome> {
  const config = session.config({
    PORT: { option: '--port', value: options.port },
    HOST: { option: '--host', value: options.host },
    ROLECALL_DATA_DIR: { option: '--data-dir', value: options.dataDir },
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
  const { http, wired, postgres } = parts;
  await closeInOrder(
    () => http?.close(GRACE_MS),
    () => wired?.close(),
    () => (postgres === undefined ? undefined : forgetRunning(dataDirectory)),
    () => postgres?.stop(),
  );
}

/** Starts one part after the other, and no further part once somebody has asked to stop. */
async function bringUp(parts: Parts, orders: Orders): Promise<void> {
  const { session, config, stop, steps } = orders;
  const { policy } = await loadPolicy(session.world.directory, orders.configFile);
  parts.http = await takeAddress(config);
  const server = loadServer();
  // Waited for later: by then the first failure may have been another one.
  server.catch(() => undefined);
  const databaseUrl = config.databaseUrl ?? (await startPostgres(parts, orders));
  if (stop.isRequested()) return;
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
    log: createLog(config.logLevel ?? (session.output.interactive ? 'warn' : 'info')),
    isShuttingDown: () => stop.isRequested(),
    memory: config.memory,
    pooler: config.databaseUrl === undefined ? 'none' : config.pooler,
  });
  const key = await settleFirstKey(parts.wired.roles, config.apiKey);
  parts.http.serve(parts.wired.handler);
  if (parts.postgres !== undefined) {
    const { url } = parts.http;
    await noteRunning(config.dataDirectory, { pid: process.pid, url, databaseUrl });
  }
  await sayReady(orders, { url: parts.http.url, key, wired: parts.wired });
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

async function sayReady(
  { session, config }: Orders,
  ready: { readonly url: string; readonly key: FirstKey; readonly wired: Wired },
): Promise<void> {
  const { url, key, wired } = ready;
  const { total } = await wired.roles.listOrganizations({ limit: 1 });
  const embedded = config.databaseUrl === undefined;
  const { output } = session;
  const facts = {
    url,
    reference_url: `${url}/docs`,
    ...(key.secret !== undefined && { api_key: key.secret }),
    api_key_hint: key.hint ?? null,
    data_directory: embedded ? config.dataDirectory : null,
    pid: process.pid,
  };
  output.answer(facts, () =>
    renderStartScreen(
      {
        url,
        newKey: key.secret,
        keyHint: key.hint,
        keyIsGiven: config.apiKey !== undefined,
        isEmpty: total === 0,
        isPublic: !LOOPBACK.has(config.host),
        isFound: isFoundByCommands(config, url),
        place: embedded
          ? `the data stays in ${shortened(config.dataDirectory)}`
          : 'the data stays in the database of DATABASE_URL',
      },
      output.style,
    ),
  );
}

/** Whether a command that was told nothing, in the same folder, finds this process. */
function isFoundByCommands(config: Config, url: string): boolean {
  const noteIsFound =
    config.databaseUrl === undefined && config.dataDirectory === resolve('.rolecall');
  return noteIsFound || new URL(url).port === String(defaultPort);
}

/** A folder as a person in the working directory would call it. */
function shortened(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path === '' || path.startsWith('..') ? folder : path;
}

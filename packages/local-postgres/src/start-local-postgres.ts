import { mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Binaries, findBinaries } from './binaries.ts';
import {
  CLUSTER_USER,
  createCluster,
  dataDirectoryOf,
  findClusterVersion,
  readPassword,
} from './cluster.ts';
import { onFreePort } from './free-port.ts';
import { endLeftoverServer } from './leftover-server.ts';
import { LocalPostgresError, systemErrorCode } from './local-postgres-error.ts';
import { type OwnerLock, takeOwnership } from './owner-lock.ts';
import { type ServerAccount, chooseServerAccount, readVersion } from './server-account.ts';
import { boundLog } from './server-log.ts';
import { type ServerProcess, type StopMode, runServer } from './server-process.ts';
import { serverSettings } from './server-settings.ts';

/** What a start is doing: `recovering` replays what a killed server had not written out. */
export type StartStep = 'creating' | 'starting' | 'recovering' | 'ready';

export interface LocalPostgresOptions {
  /** The folder for the cluster, its log and its lock; it is created when it is missing. */
  readonly directory: string;
  /** False makes it fast and throw-away: committed data does not survive a crash of the machine. */
  readonly durable: boolean;
  /** The TCP port on the loopback address; a free one when it is not given. */
  readonly port?: number;
  /** Server settings by name; they win over those of this package, except for the port. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder with bin/, to run another PostgreSQL than the one that npm has installed. */
  readonly binaries?: string;
  readonly onProgress?: (step: StartStep) => void;
}

/** A running PostgreSQL that belongs to this process. */
export interface LocalPostgres {
  /** Connects the superuser, with its password, to the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** The version of the server, such as `18.4`. */
  readonly version: string;
  /**
   * Shuts the server down (`fast` when not told) and lets the next owner have the directory. More
   * calls wait for the first one; an `immediate` one hurries it.
   */
  readonly stop: (mode?: StopMode) => Promise<void>;
}

interface Ground {
  readonly directory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly account: ServerAccount;
  readonly binaries: Binaries;
  readonly version: string;
}

const LOG_CHECK_MS = 60_000;

/**
 * Starts the PostgreSQL of a directory, and creates it when there is none. One process at a time
 * owns a directory; what a killed owner has left running is shut down first, and nothing that was
 * committed is lost. The server ends with this process at the latest. Throws LocalPostgresError.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const wanted = resolve(options.directory);
  try {
    const found = await findBinaries(options.binaries);
    const directory = await prepareDirectory(wanted);
    const lock = await takeOwnership(directory);
    try {
      const ground = await surveyGround(directory, found);
      await prepareCluster(ground, options);
      const password = await readPassword(directory);
      const running = await run(ground, options);
      return handOver(ground, { ...running, password, lock });
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw inOurWords(error, wanted);
  }
}

/** Makes sure that the directory is there and ours to use. */
async function prepareDirectory(wanted: string): Promise<string> {
  // Looked at before anything is written, to leave no trace in a stranger's folder.
  await findClusterVersion(wanted);
  // The server's account passes through it when this process is root; it reads nothing in it.
  await mkdir(wanted, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  return realpath(wanted);
}

async function surveyGround(directory: string, binaries: Binaries): Promise<Ground> {
  const dataDirectory = dataDirectoryOf(directory);
  const account = await chooseServerAccount(binaries, dataDirectory);
  return {
    directory,
    dataDirectory,
    logFile: join(directory, 'postgresql.log'),
    account,
    binaries,
    version: await readVersion(account, binaries),
  };
}

/** Creates the cluster, or makes sure that the one that is there can be started. */
async function prepareCluster(ground: Ground, options: LocalPostgresOptions): Promise<void> {
  const expected = String(Number.parseInt(ground.version, 10));
  const found = await findClusterVersion(ground.directory);
  if (found === undefined) {
    options.onProgress?.('creating');
    const { durable } = options;
    await createCluster(ground.directory, { ...ground, major: Number(expected), durable });
  } else if (found !== expected) {
    throw otherVersion(ground.directory, found, expected);
  }
}

async function run(
  ground: Ground,
  options: LocalPostgresOptions,
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  const recovers = await endLeftoverServer(ground.dataDirectory);
  options.onProgress?.(recovers ? 'recovering' : 'starting');
  await boundLog(ground.logFile);
  const { durable, settings: overrides = {} } = options;
  const runOn = async (port: number): Promise<{ server: ServerProcess; port: number }> => {
    const settings = serverSettings({ port, durable, overrides });
    return { server: await runServer({ ...ground, port, settings }), port };
  };
  const running = await (options.port === undefined ? onFreePort(runOn) : runOn(options.port));
  options.onProgress?.('ready');
  return running;
}

function handOver(
  ground: Ground,
  running: {
    readonly server: ServerProcess;
    readonly port: number;
    readonly password: string;
    readonly lock: OwnerLock;
  },
): LocalPostgres {
  const { server, port, password, lock } = running;
  const logCheck = setInterval(() => {
    boundLog(ground.logFile).catch(() => undefined);
  }, LOG_CHECK_MS);
  logCheck.unref();
  let released: Promise<void> | undefined;
  return {
    url: `postgres://${CLUSTER_USER}:${password}@127.0.0.1:${port}/postgres`,
    port,
    dataDirectory: ground.dataDirectory,
    version: ground.version,
    stop: async (mode = 'fast') => {
      clearInterval(logCheck);
      const stopped = server.stop(mode);
      released ??= stopped.then(() => lock.release());
      await released;
    },
  };
}

/** What the system says about files becomes one of this package's errors; a defect stays itself. */
function inOurWords(error: unknown, directory: string): unknown {
  const code = systemErrorCode(error);
  if (error instanceof LocalPostgresError || code === undefined) return error;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return new LocalPostgresError(
      'directory_not_writable',
      `this process may not write into \`${directory}\``,
      { directory },
      {
        cause: error,
        advice: 'choose another data directory, or start as the user that it belongs to',
      },
    );
  }
  return new LocalPostgresError(
    'start_failed',
    `PostgreSQL does not start in \`${directory}\``,
    { directory, output: String(error) },
    { cause: error },
  );
}

function otherVersion(
  directory: string,
  found: string,
  expected: string,
): LocalPostgresError<'other_version'> {
  return new LocalPostgresError(
    'other_version',
    `\`${directory}\` was made by PostgreSQL \`${found}\`, and this is PostgreSQL \`${expected}\``,
    { directory, found, expected },
    {
      advice: `move the data with the dump of PostgreSQL ${found}, or choose another data directory`,
    },
  );
}

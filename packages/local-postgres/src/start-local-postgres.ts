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
import { findFreePort } from './free-port.ts';
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
const PORT_ATTEMPTS = 5;

/**
 * Starts the PostgreSQL of a directory, and creates it when there is none. One process at a time
 * owns a directory; what a killed owner has left running is shut down first, and nothing that was
 * committed is lost. The server ends with this process at the latest. Throws LocalPostgresError.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const found = await findBinaries(options.binaries);
  const { directory, lock } = await occupy(resolve(options.directory));
  try {
    const ground = await surveyGround(directory, found);
    const { server, port } = await startOn(ground, options);
    return await handOver(ground, { server, port, lock });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Makes sure that the directory is there and ours to use, and becomes its owner. */
async function occupy(
  wanted: string,
): Promise<{ readonly directory: string; readonly lock: OwnerLock }> {
  try {
    // Looked at before the lock is written, to leave no trace in a stranger's folder.
    await findClusterVersion(wanted);
    // The server's account passes through it when this process is root; it reads nothing in it.
    await mkdir(wanted, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const directory = await realpath(wanted);
    return { directory, lock: await takeOwnership(directory) };
  } catch (cause) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(systemErrorCode(cause) ?? '')) throw cause;
    throw new LocalPostgresError(
      'directory_not_writable',
      `this process may not write into \`${wanted}\``,
      { directory: wanted },
      { cause, advice: 'choose another data directory, or start as the user that it belongs to' },
    );
  }
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

async function startOn(
  ground: Ground,
  options: LocalPostgresOptions,
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  const expected = String(Number.parseInt(ground.version, 10));
  const found = await findClusterVersion(ground.directory);
  if (found === undefined) {
    options.onProgress?.('creating');
    const { durable } = options;
    await createCluster(ground.directory, { ...ground, major: Number(expected), durable });
  } else if (found !== expected) {
    throw otherVersion(ground.directory, found, expected);
  }
  const recovers = await endLeftoverServer(ground.dataDirectory);
  options.onProgress?.(recovers ? 'recovering' : 'starting');
  await boundLog(ground.logFile);
  const started = await runOnPort(ground, options);
  options.onProgress?.('ready');
  return started;
}

/** A port that was found free may be taken a moment later; one that was asked for is not replaced. */
async function runOnPort(
  ground: Ground,
  options: LocalPostgresOptions,
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  const { durable, settings: overrides = {} } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    try {
      const settings = serverSettings({ port, durable, overrides });
      return { server: await runServer({ ...ground, port, settings }), port };
    } catch (error) {
      const taken = error instanceof LocalPostgresError && error.code === 'port_in_use';
      if (!taken || options.port !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function handOver(
  ground: Ground,
  running: { readonly server: ServerProcess; readonly port: number; readonly lock: OwnerLock },
): Promise<LocalPostgres> {
  const { server, port, lock } = running;
  const password = await readPassword(ground.dataDirectory);
  const logCheck = setInterval(
    () => void boundLog(ground.logFile).catch(() => undefined),
    LOG_CHECK_MS,
  );
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

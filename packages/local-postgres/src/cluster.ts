import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries } from './binaries.ts';
import { LocalPostgresError, systemErrorCode } from './local-postgres-error.ts';
import { type ServerAccount, commandFor, giveTo } from './server-account.ts';
import { lastLines } from './server-log.ts';

/** The database user that owns everything in the cluster. */
export const CLUSTER_USER = 'rolecall';

const PASSWORD_FILE = 'rolecall.password';
const DRAFT = 'creating-';
const OURS = /^(?:data$|owner\.|postgresql\.log|creating-|\.)/;
/** Which letters a script has is asked of LC_CTYPE by pg_trgm, so it must know more than ASCII. */
const CTYPES = ['C.UTF-8', 'C.utf8', 'en_US.UTF-8', 'C'] as const;
const run = promisify(execFile);

/** Where the cluster of a directory is. */
export function dataDirectoryOf(directory: string): string {
  return join(directory, 'data');
}

/**
 * The major version of the cluster in `directory`; none when there is no cluster yet. Throws
 * `not_a_data_directory` when the directory is a file, or is used for something else.
 */
export async function findClusterVersion(directory: string): Promise<string | undefined> {
  const data = dataDirectoryOf(directory);
  try {
    const names = await readdir(directory);
    // INVARIANT (no half cluster): relied on here.
    if (names.includes('data')) return (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
    if (names.every((name) => OURS.test(name))) return undefined;
    throw notOurs(directory, undefined);
  } catch (error) {
    switch (systemErrorCode(error)) {
      case 'ENOENT':
        // Without the directory itself there is nothing; without PG_VERSION there is a stranger.
        if (await isMissing(directory)) return undefined;
        throw notOurs(directory, error);
      case 'ENOTDIR':
        throw notOurs(directory, error);
      default:
        throw error;
    }
  }
}

/**
 * Creates the cluster of `directory`, whose owner lock the caller holds. INVARIANT (no half
 * cluster): the work happens beside the final place and arrives there by one rename, so that
 * whatever is called `data` is complete. Throws `creation_failed`.
 */
export async function createCluster(
  directory: string,
  context: {
    readonly account: ServerAccount;
    readonly binaries: Binaries;
    readonly major: number;
    readonly durable: boolean;
  },
): Promise<void> {
  await removeDrafts(directory);
  const draft = join(directory, `${DRAFT}${randomUUID()}`);
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600, flush: true });
    await giveTo(context.account, passwordFile);
    await initialize(draft, passwordFile, context);
    await rename(passwordFile, join(draft, PASSWORD_FILE));
    if (context.durable) await syncFolder(draft);
    await rename(draft, dataDirectoryOf(directory));
    if (context.durable) await syncFolder(directory);
  } catch (cause) {
    await removeDrafts(directory);
    throw creationError(directory, cause);
  }
}

/** The password of the cluster's user. Throws `not_a_data_directory` when it was made elsewhere. */
export async function readPassword(directory: string): Promise<string> {
  try {
    return (await readFile(join(dataDirectoryOf(directory), PASSWORD_FILE), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw notOurs(directory, error);
  }
}

async function initialize(
  draft: string,
  passwordFile: string,
  context: {
    readonly account: ServerAccount;
    readonly binaries: Binaries;
    readonly major: number;
    readonly durable: boolean;
  },
): Promise<void> {
  for (const ctype of CTYPES) {
    await mkdir(draft, { mode: 0o700 });
    await giveTo(context.account, draft);
    const command = commandFor(context.account, context.binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${CLUSTER_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-instructions',
      ...localeArguments(context.major, ctype),
      ...(context.durable ? [] : ['--no-sync']),
    ]);
    try {
      await run(command.file, [...command.args], command.options);
      return;
    } catch (error) {
      const isLast = ctype === CTYPES.at(-1);
      if (isLast || !outputOf(error).includes('invalid locale name')) throw error;
      await rm(draft, { recursive: true, force: true });
    }
  }
}

/** The builtin provider, from 17 on, sorts and folds the same on every machine. */
function localeArguments(major: number, ctype: string): readonly string[] {
  const provider = major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  return [...provider, '--locale=C', `--lc-ctype=${ctype}`];
}

/** A draft belongs to a creation that was killed; its initdb may live on for a moment. */
async function removeDrafts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(DRAFT)) continue;
    await rm(join(directory, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function outputOf(error: unknown): string {
  const stderr: unknown = error instanceof Error && 'stderr' in error ? error.stderr : undefined;
  const text = typeof stderr === 'string' && stderr !== '' ? stderr : String(error);
  return lastLines(text);
}

function creationError(directory: string, cause: unknown): LocalPostgresError<'creation_failed'> {
  const output = outputOf(cause);
  return new LocalPostgresError(
    'creation_failed',
    `cannot create a PostgreSQL cluster in \`${directory}\``,
    { directory, output },
    {
      cause,
      ...(output.includes('could not look up effective user ID')
        ? { advice: 'run as a user that has an entry in /etc/passwd, or set DATABASE_URL' }
        : {}),
    },
  );
}

async function isMissing(path: string): Promise<boolean> {
  return readdir(path).then(
    () => false,
    (error: unknown) => systemErrorCode(error) === 'ENOENT',
  );
}

function notOurs(directory: string, cause: unknown): LocalPostgresError<'not_a_data_directory'> {
  return new LocalPostgresError(
    'not_a_data_directory',
    `\`${directory}\` is not empty and holds no PostgreSQL cluster of Rolecall`,
    { directory },
    { cause, advice: 'choose an empty or new folder' },
  );
}

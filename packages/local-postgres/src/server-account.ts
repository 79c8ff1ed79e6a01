import { execFile } from 'node:child_process';
import { access, chown, constants, readFile, stat } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, unavailable } from './binaries.ts';
import { LocalPostgresError, systemErrorCode } from './local-postgres-error.ts';

/*
 * PostgreSQL refuses to run as root, so a root process starts it as somebody else:
 *
 *   same      this process is not root; the server runs as the same user
 *   switched  root starts the server under another uid
 *   reaching  as `switched`, and the server keeps the one right to pass through folders that only
 *             root may enter (a checkout in /root, or in what mktemp -d has made)
 */
export type ServerAccount =
  | { readonly kind: 'same' }
  | { readonly kind: 'switched'; readonly uid: number; readonly gid: number }
  | {
      readonly kind: 'reaching';
      readonly uid: number;
      readonly gid: number;
      readonly setpriv: string;
    };

/** A command line with the options that make it run under an account. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: {
    readonly uid?: number;
    readonly gid?: number;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  };
}

/** The number of nobody on most systems. */
const NOBODY = 65_534;
const SYSTEM_PATH =
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin';
const run = promisify(execFile);

/**
 * Decides who runs the server whose data is, or will be, in `dataDirectory`; the folder above it
 * exists. `searchPath` is where setpriv is looked for. Throws `folder_not_reachable` when that
 * account cannot get to the programs or the data.
 */
export async function chooseServerAccount(
  binaries: Binaries,
  dataDirectory: string,
  searchPath: string = SYSTEM_PATH,
): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return { kind: 'same' };
  const { uid, gid } = await ownerOfData(dataDirectory);
  const barrier =
    (await firstClosedFolder(dirname(binaries.postgres), uid, gid)) ??
    (await firstClosedFolder(dirname(dataDirectory), uid, gid));
  if (barrier === undefined) return { kind: 'switched', uid, gid };
  const setpriv = await findSetpriv(searchPath);
  const reaching =
    setpriv === undefined ? undefined : ({ kind: 'reaching', uid, gid, setpriv } as const);
  if (reaching !== undefined && (await works(reaching))) return reaching;
  throw new LocalPostgresError(
    'folder_not_reachable',
    `PostgreSQL does not run as root, and user ${uid} may not enter \`${barrier}\``,
    { folder: barrier, uid },
    {
      advice: `allow it with \`chmod o+x ${barrier}\`, choose another data directory, or set DATABASE_URL`,
    },
  );
}

/** The command that runs `file` under `account`, with nothing of this process's environment. */
export function commandFor(account: ServerAccount, file: string, args: readonly string[]): Command {
  // PGPORT, PGOPTIONS, LC_ALL and the like would change what the programs do; messages are read.
  const options = {
    cwd: parse(file).root,
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C', TZ: 'UTC' },
  };
  switch (account.kind) {
    case 'same':
      return { file, args, options };
    case 'switched':
      return { file, args, options: { ...options, uid: account.uid, gid: account.gid } };
    case 'reaching':
      return {
        file: account.setpriv,
        args: [
          `--reuid=${account.uid}`,
          `--regid=${account.gid}`,
          '--clear-groups',
          '--securebits=+no_setuid_fixup',
          '--inh-caps=+dac_override',
          '--ambient-caps=+dac_override',
          '--',
          file,
          ...args,
        ],
        options,
      };
  }
}

/** Gives a file or folder to the account. */
export async function giveTo(account: ServerAccount, path: string): Promise<void> {
  if (account.kind !== 'same') await chown(path, account.uid, account.gid);
}

/**
 * The version of the programs, such as `18.4`; running them shows that the account can. Throws
 * `binaries_unavailable` or `root_not_droppable`.
 */
export async function readVersion(account: ServerAccount, binaries: Binaries): Promise<string> {
  const command = commandFor(account, binaries.postgres, ['--version']);
  try {
    const { stdout } = await run(command.file, [...command.args], command.options);
    const version = /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(stdout)?.[1];
    if (version === undefined) throw unavailable(stdout, undefined);
    return version;
  } catch (cause) {
    if (cause instanceof LocalPostgresError) throw cause;
    if (account.kind !== 'same' && systemErrorCode(cause) === 'EPERM') {
      throw new LocalPostgresError(
        'root_not_droppable',
        `PostgreSQL does not run as root, and this root may not start a process as user ${account.uid}`,
        { uid: account.uid },
        { cause, advice: 'run as an ordinary user, or set DATABASE_URL' },
      );
    }
    throw unavailable(cause instanceof Error ? cause.message : '', cause);
  }
}

/** Data that exists stays with the user that it belongs to; new data belongs to nobody. */
async function ownerOfData(
  dataDirectory: string,
): Promise<{ readonly uid: number; readonly gid: number }> {
  try {
    const { uid, gid } = await stat(dataDirectory);
    if (uid !== 0) return { uid, gid };
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  return findNobody();
}

/** PostgreSQL wants a user with an entry in the list of users. */
async function findNobody(): Promise<{ readonly uid: number; readonly gid: number }> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users);
  return { uid: Number(entry?.[1] ?? NOBODY), gid: Number(entry?.[2] ?? NOBODY) };
}

/** The topmost folder on the way to and including `folder` that the user may not enter. */
async function firstClosedFolder(
  folder: string,
  uid: number,
  gid: number,
): Promise<string | undefined> {
  const above = dirname(folder);
  const barrier = above === folder ? undefined : await firstClosedFolder(above, uid, gid);
  if (barrier !== undefined) return barrier;
  const found = await stat(folder);
  const enter = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
  return (found.mode & enter) === 0 ? folder : undefined;
}

async function findSetpriv(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(':').filter((name) => name !== '')) {
    const candidate = join(folder, 'setpriv');
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  return undefined;
}

/** Small systems have a setpriv without these options, and containers may lack the capability. */
async function works(account: ServerAccount): Promise<boolean> {
  const command = commandFor(account, '/bin/sh', ['-c', ':']);
  return run(command.file, [...command.args], command.options).then(
    () => true,
    () => false,
  );
}

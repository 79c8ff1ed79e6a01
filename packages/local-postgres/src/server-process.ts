import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries } from './binaries.ts';
import { LocalPostgresError } from './local-postgres-error.ts';
import { type ServerAccount, commandFor, giveTo } from './server-account.ts';
import { logSize, readLogTail } from './server-log.ts';

const POLL_MS = 10;
const START_MS = 300_000;
const FAST_SHUTDOWN_MS = 30_000;
/** The line of postmaster.pid that says what the server is doing. */
const STATUS_LINE = 7;

/** `fast` ends the sessions and writes everything; `immediate` leaves a recovery to the next start. */
export type StopMode = 'fast' | 'immediate';

export interface ServerProcess {
  /** Ends the server and waits until it is gone; does nothing when it is gone already. */
  readonly stop: (mode: StopMode) => Promise<void>;
}

/**
 * Runs the server and waits until it accepts connections. It has a session of its own, so that a
 * Ctrl-C in the terminal reaches only this process, which can then end its work on a database that
 * is still there; and it is shut down when this process ends in whatever way. Throws
 * `port_in_use` or `start_failed`.
 */
export async function runServer(options: {
  readonly account: ServerAccount;
  readonly binaries: Binaries;
  readonly directory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<ServerProcess> {
  const logStart = await logSize(options.logFile);
  const child = await spawnServer(options);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const server = { stop: (mode: StopMode) => stop(child, gone, mode) };
  if (await becomesReady(child, options.dataDirectory)) return server;
  await server.stop('immediate');
  throw startError(options, await readLogTail(options.logFile, logStart));
}

async function spawnServer(options: {
  readonly account: ServerAccount;
  readonly binaries: Binaries;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<ChildProcess> {
  const settings = Object.entries(options.settings).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const command = commandFor(options.account, options.binaries.postgres, [
    '-D',
    options.dataDirectory,
    ...settings,
  ]);
  const log = await open(options.logFile, 'a', 0o600);
  try {
    await giveTo(options.account, options.logFile);
    const child = spawn(command.file, command.args, {
      ...command.options,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    shutDownWithOwner(child);
    return child;
  } finally {
    await log.close();
  }
}

/**
 * Starts a shell that waits for the end of this process, however it comes, and then shuts the
 * server down. The system closes this process's end of the pipe, which is all that it waits for.
 */
function shutDownWithOwner(server: ChildProcess): void {
  if (server.pid === undefined) return;
  const script = 'read -r line; kill -INT "$0"';
  const watcher = spawn('/bin/sh', ['-c', script, String(server.pid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.once('error', () => undefined);
  watcher.stdin.once('error', () => undefined);
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  // Without its server it would send the signal to whoever gets the pid next.
  server.once('exit', () => watcher.kill('SIGKILL'));
}

async function becomesReady(child: ChildProcess, dataDirectory: string): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.pid === undefined || hasEnded(child)) return false;
    const lines = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => ''))
      .split('\n')
      .map((line) => line.trim());
    if (lines[0] === String(child.pid) && lines[STATUS_LINE] === 'ready') return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function stop(child: ChildProcess, gone: Promise<void>, mode: StopMode): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  child.ref();
  child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  // A fast shutdown waits for what a stuck disk may never finish; the log brings it back.
  const impatience = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN_MS);
  await gone;
  clearTimeout(impatience);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function startError(
  options: { readonly directory: string; readonly port: number },
  output: string,
): LocalPostgresError {
  if (/could not bind|Address already in use/.test(output)) {
    return new LocalPostgresError(
      'port_in_use',
      `the port \`${options.port}\` for PostgreSQL is in use`,
      { port: options.port },
      { advice: 'choose another port, or none' },
    );
  }
  return new LocalPostgresError(
    'start_failed',
    `PostgreSQL does not start in \`${options.directory}\``,
    { directory: options.directory, output },
  );
}

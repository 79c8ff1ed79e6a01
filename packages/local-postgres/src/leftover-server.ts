import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, isAlive, isTaken } from './process-identity.ts';

const FAST_SHUTDOWN_MS = 60_000;
const QUIT_MS = 10_000;

/**
 * Ends what a killed owner has left running on `dataDirectory`, whose owner lock the caller holds,
 * and waits until it is gone. Nothing committed is lost: a living server is asked for a fast
 * shutdown, which writes everything; a killed one has it in its write-ahead log. True when the
 * server will have to recover when it is started next.
 */
export async function endLeftoverServer(dataDirectory: string): Promise<boolean> {
  const pidFile = join(dataDirectory, 'postmaster.pid');
  const pid = await readPostmasterPid(pidFile);
  if (pid === undefined) return false;
  if (await serves(pid, dataDirectory)) {
    await end(pid, [
      ['SIGINT', FAST_SHUTDOWN_MS],
      ['SIGQUIT', QUIT_MS],
      ['SIGKILL', QUIT_MS],
    ]);
  }
  // Sessions outlive a killed postmaster for a moment, and the server does not start beside them.
  for (const session of await processesIn(dataDirectory)) {
    await end(session, [
      ['SIGQUIT', QUIT_MS],
      ['SIGKILL', QUIT_MS],
    ]);
  }
  const left = await readPostmasterPid(pidFile);
  // The pid is a stranger's by now, or a zombie's; a starting server would take it for a server.
  if (left !== undefined && isTaken(left)) await rm(pidFile, { force: true });
  return left !== undefined;
}

/** The pid that a server has written into its pid file, if there is one. */
export async function readPostmasterPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** Whether a living process is the server of this directory, and not one that got its pid later. */
async function serves(pid: number, dataDirectory: string): Promise<boolean> {
  if (identifyProcess(pid) === undefined) return false;
  if (process.platform === 'linux') return worksIn(pid, dataDirectory);
  try {
    const command = execFileSync('/bin/ps', ['-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    return command.includes('postgres') && command.includes(dataDirectory);
  } catch {
    return false;
  }
}

/** Every process of a server works in its data directory; only Linux tells. */
async function processesIn(dataDirectory: string): Promise<readonly number[]> {
  if (process.platform !== 'linux') return [];
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if (await worksIn(Number(name), dataDirectory)) found.push(Number(name));
  }
  return found;
}

/** A person's shell may be in the folder too, so the program must be the server's. */
async function worksIn(pid: number, dataDirectory: string): Promise<boolean> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (folder !== dataDirectory) return false;
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === 'postgres';
}

/** Sends each signal in turn until the process is gone or the last wait, in ms, is over. */
async function end(
  pid: number,
  steps: readonly (readonly [signal: NodeJS.Signals, wait: number])[],
): Promise<void> {
  const identity = identifyProcess(pid);
  if (identity === undefined) return;
  for (const [signal, wait] of steps) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + wait;
    while (Date.now() < deadline) {
      if (!isAlive(pid, identity)) return;
      await sleep(10);
    }
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, isListening } from '@rolecall/testkit';
import { findProgram, VERSION } from './program.ts';

/** A development server of Temporal, in a process of its own, that keeps what it knows in a file. */
export interface TemporalServer {
  readonly address: string;
  /** Of the program. */
  readonly version: string;
  /** Ends it where it stands. */
  readonly kill: () => Promise<void>;
  /** Starts it again, on the same port and the same file. */
  readonly restart: () => Promise<void>;
  /** Ends it and removes its file. */
  readonly close: () => Promise<void>;
}

/** Starts one, on a free port. Throws when it does not answer within a minute. */
export async function startTemporalServer(): Promise<TemporalServer> {
  const program = findProgram();
  if (program === undefined) throw new Error('there is no server; see `npm run temporal:server`');
  const home = await mkdtemp(join(tmpdir(), 'rolecall-temporal-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(program, argumentsOf(port, join(home, 'temporal.db')), { stdio: 'ignore' });
    await answers(port, child);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };
  await start();
  return {
    address: `127.0.0.1:${port}`,
    version: VERSION,
    kill,
    restart: start,
    close: async () => {
      await kill();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function argumentsOf(port: number, file: string): string[] {
  const quiet = ['--headless', '--log-level', 'never'];
  return ['server', 'start-dev', '--port', String(port), '--db-filename', file, ...quiet];
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
    if (await isListening(port)) return;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error('the server of Temporal does not answer');
}

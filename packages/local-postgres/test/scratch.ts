import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { type LocalPostgres, type LocalPostgresOptions, startLocalPostgres } from '../src/index.ts';

/** A new empty folder that only this user may enter, removed after the test. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-postgres-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts a throw-away server that is stopped after the test. */
export async function start(
  options: Partial<LocalPostgresOptions> & { readonly directory: string },
): Promise<LocalPostgres> {
  const postgres = await startLocalPostgres({ durable: false, ...options });
  onTestFinished(() => postgres.stop('immediate'));
  return postgres;
}

/** The first column of the rows of one statement, on a connection of its own. */
export async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows.map((row) => row[0]);
  } finally {
    await client.end();
  }
}

/** A process of its own that owns the server of a directory. */
export interface OwnerProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The rest of the first line that starts with `word`. */
  readonly line: (word: string) => Promise<string>;
  /** `url …` or `error …`, whichever the start ended with. */
  readonly outcome: Promise<string>;
  readonly ended: Promise<void>;
  readonly kill: () => Promise<void>;
}

/** Spawns an owner of `directory`, and kills it after the test. */
export function spawnOwner(directory: string, durable: 'durable' | 'fast' = 'fast'): OwnerProcess {
  const script = join(import.meta.dirname, 'owner-process.ts');
  const child = spawn(process.execPath, [script, directory, durable], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  if (child.pid === undefined) throw new Error('the owner process does not start');
  const seen: string[] = [];
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (text) => seen.push(text));
  const waitFor = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const found = seen.find((text) => wanted.test(text));
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`the owner process ended: ${seen.join(', ')}`);
      await sleep(5);
    }
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    pid: child.pid,
    child,
    line: async (word) => (await waitFor(new RegExp(`^${word}\\b`))).slice(word.length).trim(),
    outcome: waitFor(/^(?:url|error) /),
    ended,
    kill,
  };
}

/** The pid in the cluster's pid file. */
export async function serverPid(directory: string): Promise<number> {
  return Number.parseInt(await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8'), 10);
}

/** Waits until the condition holds; fails after `ms` milliseconds. */
export async function until(condition: () => boolean, ms = 5_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await sleep(5);
  }
}

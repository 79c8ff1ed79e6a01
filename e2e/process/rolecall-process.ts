import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtProgram, programOfSources, repository } from './program.ts';

export { repository };
const node = join(repository, 'node_modules/.bin/node');

const sharedConnections = new Agent({ keepAlive: true });

const STARTED_MS = 60_000;
const LONGEST_LIFE_MS = 300_000;

// Whatever goes wrong in a test, nothing that it launched outlives it.
const launched = new Set<ChildProcess>();
process.once('exit', killAll);

function killAll(): void {
  for (const child of launched) child.kill('SIGKILL');
}

/** What a command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Launched {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Everything it has written so far. */
  readonly written: () => { readonly out: string; readonly err: string };
}

/** A `rolecall start` that is ready. */
export interface RunningRolecall {
  readonly url: string;
  /** The key that it made, when it made one. */
  readonly newKey: string | undefined;
  readonly child: ChildProcess;
  /** Everything it has written so far. */
  readonly written: () => { readonly out: string; readonly err: string };
  /** Sends a signal and waits until the process is gone. */
  readonly end: (signal: NodeJS.Signals) => Promise<Finished>;
}

/** A data folder of its own, and what surrounds a process that uses it. */
export interface Place {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The launcher of the program that its commands run. */
  readonly program: string;
  /** Where its commands run; in the repository unless told otherwise. */
  readonly workingDirectory?: string;
  readonly remove: () => Promise<void>;
}

/** A new place: nothing of the environment of the tests gets in. Its program is the built one. */
export async function createPlace(extra: Readonly<Record<string, string>> = {}): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-e2e-'));
  return {
    directory,
    environment: {
      PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      HOME: tmpdir(),
      PORT: '0',
      ROLECALL_DATA_DIR: join(directory, 'data'),
      ...extra,
    },
    program: await builtProgram(),
    remove: async () => {
      killAll();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The same place, whose commands run the program as its sources are: as `npm start` does in a checkout. */
export function fromSources(place: Place): Place {
  return { ...place, program: programOfSources };
}

/** Starts Rolecall and waits until it says that it is ready. */
export async function startRolecall(
  place: Place,
  args: readonly string[] = [],
): Promise<RunningRolecall> {
  const { child, finished, written } = launch(place, ['start', ...args]);
  await until(() => written().out.includes('Ctrl+C') || child.exitCode !== null);
  if (child.exitCode !== null) {
    throw new Error(`rolecall did not start: ${JSON.stringify(await finished)}`);
  }
  const screen = written().out;
  return {
    url: /http:\/\/\S+/.exec(screen)?.[0] ?? '',
    newKey: /Key +(\S+)\n +shown only now/.exec(screen)?.[1],
    child,
    written,
    end: (signal) => {
      child.kill(signal);
      return finished;
    },
  };
}

/** Runs one command of the command line to its end. */
export function rolecall(
  place: Place,
  args: readonly string[],
  { stdin = '' }: { readonly stdin?: string } = {},
): Promise<Finished> {
  return launch(place, args, stdin).finished;
}

/** Runs a text in a shell, as somebody would who pasted it into a terminal in the repository. */
export function paste(place: Place, text: string): Promise<Finished> {
  return collect(spawn('bash', ['-c', text], { cwd: repository, env: { ...place.environment } }))
    .finished;
}

/** The pid of the PostgreSQL of a place, as it is written down; it may be gone. */
export async function postgresPid(place: Place): Promise<number> {
  const folder = join(place.environment['ROLECALL_DATA_DIR'] ?? '', 'postgres/data');
  return Number.parseInt(await readFile(join(folder, 'postmaster.pid'), 'utf8'), 10);
}

/** Whether a process of this pid lives. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface ApiAddress {
  readonly url: string;
  readonly key: string;
}

/** Calls the API and resolves to the status and the body. */
export async function callApi(
  api: ApiAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const { status, text } = await sendText(api, method, path, sent);
  return { status, body: text === '' ? undefined : JSON.parse(text) };
}

/**
 * Calls the API with a body that is text already, and leaves the answer as it came. Connections are kept and shared,
 * unless the call is to have one of its own.
 */
export function sendText(
  { url, key, ownConnection = false }: ApiAddress & { readonly ownConnection?: boolean },
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const agent = ownConnection ? false : sharedConnections;
    const sending = request(`${url}${path}`, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

/** Starts one command and does not wait for its end. */
export function launch(place: Place, args: readonly string[], stdin = ''): Launched {
  const child = spawn(node, [place.program, ...args], {
    cwd: place.workingDirectory ?? repository,
    env: { ...place.environment },
    timeout: LONGEST_LIFE_MS,
    killSignal: 'SIGKILL',
  });
  launched.add(child);
  child.once('close', () => launched.delete(child));
  child.stdin.end(stdin);
  return collect(child);
}

/** Waits until a command with `--json` says that it is ready, or has ended; what it said. */
export async function readyOf({ written, child }: Launched): Promise<Ready> {
  await until(() => written().out.endsWith('}\n') || child.exitCode !== null);
  return JSON.parse(written().out) as Ready;
}

interface Ready {
  readonly url: string;
  readonly workers?: number;
}

/** Waits until something holds; fails when it takes longer than a start may. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + STARTED_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await sleep(20);
  }
}

function collect(child: ChildProcess): Launched {
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const finished = once(child, 'close').then(() => ({ code: child.exitCode, out, err }));
  return { child, finished, written: () => ({ out, err }) };
}

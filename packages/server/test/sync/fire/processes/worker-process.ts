import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Engine } from './engine.ts';

/** What a worker process is told. */
export interface WorkerAddress {
  readonly databaseUrl: string;
  readonly workosUrl: string;
  readonly apiKey: string;
}

/** A worker in a process of its own. */
export class WorkerProcess {
  readonly #address: WorkerAddress;
  readonly #program: string;
  readonly #more: readonly string[];
  #child: ChildProcess | undefined;
  /** What it wrote to its standard error, which is nothing in a good run. */
  complaints = '';

  constructor(address: WorkerAddress, engine: Engine, seed: number) {
    this.#address = address;
    this.#program = engine.program;
    this.#more = engine.argumentsOf(seed);
  }

  /** Starts it; resolves when it works, or has ended. */
  async start(): Promise<void> {
    const { databaseUrl, workosUrl, apiKey } = this.#address;
    const child = fork(this.#program, [databaseUrl, workosUrl, apiKey, ...this.#more], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.on('data', (chunk) => {
      this.complaints += String(chunk);
    });
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
  }

  /** Whether it has ended without having been told to. */
  get crashed(): boolean {
    return (this.#child?.exitCode ?? 0) !== 0;
  }

  /** Ends it in the middle of whatever it does: SIGKILL, which no process can answer. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { countStarted } from '../../../packages/temporal-runner/test/count-started.ts';

const program = join(import.meta.dirname, '../servers/temporal-worker.ts');

/** Workers in processes of their own. */
export class TemporalWorkers {
  readonly #arguments: readonly string[];
  readonly #address: string;
  readonly #children: ChildProcess[] = [];

  constructor(told: readonly string[], address: string) {
    this.#arguments = told;
    this.#address = address;
  }

  /** Starts one more; resolves when it works. */
  async start(): Promise<void> {
    const child = fork(program, [...this.#arguments]);
    this.#children.push(child);
    const [first] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit'),
    ])) as unknown[];
    if (first !== 'ready') throw new Error('a worker has ended before it worked');
  }

  /** Does something, and tells how many pieces of work each worker did meanwhile. */
  async shareOf<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly shares: readonly number[] }> {
    const before = await countStarted(this.#address);
    const result = await work();
    const after = await countStarted(this.#address);
    const shares = this.#children.map(
      ({ pid = 0 }) => (after.get(pid) ?? 0) - (before.get(pid) ?? 0),
    );
    return { result, shares };
  }

  /** Ends the first where it stands. */
  async killFirst(): Promise<void> {
    const [child] = this.#children.splice(0, 1);
    if (child !== undefined) await kill(child);
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map(kill));
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One of the programs beside this file, which listens. */
export interface StartedServer {
  readonly port: number;
  readonly processId: number;
  readonly stop: () => Promise<void>;
}

/** Starts one of them, by the name of its file, and waits for the line with its port. */
export async function startServer(
  name: string,
  { args = [], nodeFlags = [] }: { args?: readonly string[]; nodeFlags?: readonly string[] } = {},
): Promise<StartedServer> {
  const child = spawn(
    process.execPath,
    [...nodeFlags, join(import.meta.dirname, `${name}.ts`), ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    port: Number(line),
    processId: child.pid ?? 0,
    stop: async () => {
      const gone = once(child, 'close');
      child.stdin.end();
      await gone;
    },
  };
}

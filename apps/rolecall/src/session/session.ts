import { type ApiClient, createApiClient } from '../client/index.ts';
import { type Config, readConfig } from '../config.ts';
import type { ExitCode } from '../exit-codes.ts';
import { createOutput, type Output, type Sink } from '../output/index.ts';
import { findRunning } from '../running.ts';

/** What surrounds a command: the real process, or what a test puts in its place. */
export interface World {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly directory: string;
  /** The process's own when it is not given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The options that every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
}

/** What a command works with. */
export interface Session {
  readonly world: World;
  readonly output: Output;
  /** The configuration; an option that stands for a variable goes before it. */
  config(overrides?: Parameters<typeof readConfig>[0]): Config;
  /** The running Rolecall that was named, or that runs on the data folder, or on the default port. */
  api(): Promise<ApiClient>;
}

/** How a command ends: nothing means that all went well. */
export type Outcome = ExitCode | undefined;

/** The session of one command. */
export function createSession(world: World, options: GlobalOptions): Session {
  const output = createOutput(world.stdout, world.stderr, options.json === true);
  const config: Session['config'] = (overrides = {}) => readConfig(overrides, world.environment);
  return {
    world,
    output,
    config,
    async api() {
      const settled = config({
        ROLECALL_URL: { option: '--url', value: options.url },
        ROLECALL_API_KEY: { option: '--key', value: options.key },
      });
      return createApiClient(settled.url ?? (await localUrl(settled)), settled.apiKey);
    },
  };
}

async function localUrl(config: Config): Promise<string> {
  const running = await findRunning(config.dataDirectory);
  return running?.url ?? `http://127.0.0.1:${config.port}`;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalPostgres, startLocalPostgres } from '@rolecall/local-postgres';

/** A PostgreSQL of one's own, for tests in which the server itself goes away and comes back. */
export interface OwnServer {
  /** The same before and after a restart. */
  readonly url: string;
  /** `fast` ends every connection with a message, `immediate` as a crash does. */
  readonly stop: (mode?: 'fast' | 'immediate') => Promise<void>;
  readonly start: () => Promise<void>;
  /** Stops it and removes its data. */
  readonly close: () => Promise<void>;
}

/** Starts a PostgreSQL that nobody else uses; it takes about two seconds. */
export async function startOwnServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-test-'));
  const first = await startLocalPostgres({ directory, durable: false, settings });
  let running: LocalPostgres | undefined = first;
  const stop: OwnServer['stop'] = async (mode = 'fast') => {
    const stopping = running;
    running = undefined;
    await stopping?.stop(mode);
  };
  return {
    url: first.url,
    stop,
    start: async () => {
      running ??= await startLocalPostgres({
        directory,
        durable: false,
        settings,
        port: first.port,
      });
    },
    close: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

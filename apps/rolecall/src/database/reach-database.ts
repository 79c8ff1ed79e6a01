import { migrationStatus } from '@rolecall/server/database';
import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { embeddedExists, startEmbedded } from './embedded.ts';
import { findRunning } from '../running.ts';

/** A database that a command reached directly, and what there is to do when it is done. */
export interface ReachedDatabase {
  readonly url: string;
  /** `given` by DATABASE_URL, of a `running` process, or `started` for the moment. */
  readonly kind: 'given' | 'running' | 'started';
  release(): Promise<void>;
}

/**
 * Reaches the database that the configuration names: the one of DATABASE_URL; else the embedded one of
 * the process that runs on the data folder; else the embedded one, started until it is released. Throws
 * a `CliError` when there is no embedded one yet and none may be created.
 */
export async function reachDatabase(
  config: Config,
  { create, say }: { create: boolean; say?: (doing: string) => void },
): Promise<ReachedDatabase> {
  if (config.databaseUrl !== undefined) {
    return { url: config.databaseUrl, kind: 'given', release: nothing };
  }
  const running = await findRunning(config.dataDirectory);
  if (running !== undefined && (await answers(running.databaseUrl))) {
    return { url: running.databaseUrl, kind: 'running', release: nothing };
  }
  if (!create && !embeddedExists(config.dataDirectory)) throw noDatabase(config);
  const postgres = await startEmbedded(config.dataDirectory, say);
  return { url: postgres.url, kind: 'started', release: () => postgres.stop() };
}

/** Whether a database is there; one with the wrong schema is. */
async function answers(url: string): Promise<boolean> {
  try {
    await migrationStatus(url);
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'MigrationError';
  }
}

function noDatabase({ dataDirectory }: Config): CliError {
  return new CliError(
    exitCodes.refused,
    'no_database',
    `there is no Rolecall in \`${dataDirectory}\` yet`,
    {
      advice:
        'start one with `npm start`, or name its place with ROLECALL_DATA_DIR or DATABASE_URL',
    },
  );
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

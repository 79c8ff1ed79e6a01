import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalPostgres, type StartStep, startLocalPostgres } from '@rolecall/local-postgres';

/** The embedded PostgreSQL's own folder inside the data folder. */
function embeddedDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'postgres');
}

/** Whether the data folder has an embedded PostgreSQL, complete or not. */
export function embeddedExists(dataDirectory: string): boolean {
  return existsSync(embeddedDirectory(dataDirectory));
}

/** Starts the embedded PostgreSQL of a data folder; `say` hears what it is doing, in words. */
export function startEmbedded(
  dataDirectory: string,
  say: (doing: string) => void = () => undefined,
): Promise<LocalPostgres> {
  return startLocalPostgres({
    directory: embeddedDirectory(dataDirectory),
    durable: true,
    onProgress: (step) => {
      say(inWords(step));
    },
  });
}

function inWords(step: StartStep): string {
  switch (step) {
    case 'creating':
      return 'Creating a PostgreSQL of its own';
    case 'starting':
      return 'Starting PostgreSQL';
    case 'recovering':
      return 'Starting PostgreSQL, which brings back what the last stop cut off';
    case 'ready':
      return 'PostgreSQL is ready';
  }
}

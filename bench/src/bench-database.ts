import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalPostgres } from '@rolecall/local-postgres';
import { type Database, openDatabase, runMigrations } from '@rolecall/server/database';

/** A PostgreSQL of one suite's own, migrated and empty. */
export interface BenchDatabase {
  readonly url: string;
  readonly version: string;
  /** Opens connections of one's own; they are closed with the database. */
  readonly open: (maxConnections: number, pipelinedConnections?: number) => Database;
  readonly close: () => Promise<void>;
}

/**
 * Starts it. Writes are measured on a `durable` one, which waits for the disk as in production; reads do
 * not care.
 */
export async function startBenchDatabase({
  durable,
}: {
  readonly durable: boolean;
}): Promise<BenchDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-bench-'));
  const postgres = await startLocalPostgres({
    directory,
    durable,
    settings: { shared_buffers: '1GB', synchronous_commit: 'on' },
  });
  const opened: Database[] = [];
  await runMigrations(postgres.url);
  return {
    url: postgres.url,
    version: postgres.version,
    open: (maxConnections, pipelinedConnections = 2) => {
      const database = openDatabase({ url: postgres.url, maxConnections, pipelinedConnections });
      opened.push(database);
      return database;
    },
    close: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

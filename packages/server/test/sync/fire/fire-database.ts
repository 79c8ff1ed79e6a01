import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalPostgres } from '@rolecall/local-postgres';
import { type Database, openDatabase, query, runMigrations } from '@rolecall/server/database';

/** A database that one seed after the other starts anew in. */
export interface FireDatabase {
  readonly url: string;
  readonly database: Database;
  /** Empties it: as migrated, but for what only grows. */
  readonly reset: () => Promise<void>;
  /** The connections of a worker, open from one seed to the next with what they have prepared. */
  readonly connectionsOf: (worker: string) => Database;
  readonly close: () => Promise<void>;
}

/** A PostgreSQL of the simulation's own. */
export interface FireServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a throw-away PostgreSQL. */
export async function startFireServer(): Promise<FireServer> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-fire-'));
  const postgres = await startLocalPostgres({
    directory,
    durable: false,
    settings: {
      synchronous_commit: 'off',
      shared_buffers: '64MB',
      autovacuum_naptime: '300s',
      plan_cache_mode: 'force_generic_plan',
      jit: 'off',
    },
  });
  return {
    url: postgres.url,
    close: async () => {
      await postgres.stop('immediate');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a migrated database with what the simulation needs in it. The name must be free. */
export async function openFireDatabase(serverUrl: string, name: string): Promise<FireDatabase> {
  const admin = openDatabase({ url: serverUrl, maxConnections: 1, pipelinedConnections: 0 });
  await query(admin.db, { text: `CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'UTF8'` });
  await admin.close();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await runMigrations(url.href);
  return prepareFireDatabase(url.href);
}

/** Puts what the simulation needs into a migrated database. */
export async function prepareFireDatabase(url: string): Promise<FireDatabase> {
  const database = openDatabase({
    url,
    maxConnections: 3,
    applicationName: 'fire',
    pipelinedConnections: 0,
  });
  for (const text of FIXTURES) await query(database.db, { text });
  const workers = new Map<string, Database>();
  return {
    url,
    database,
    reset: async () => {
      await query(database.db, { name: 'fire_reset', text: 'SELECT fire.reset()' });
    },
    connectionsOf: (worker) => {
      const open = workers.get(worker) ?? openWorkerDatabase(url, worker);
      workers.set(worker, open);
      return open;
    },
    close: async () => {
      await Promise.all([database, ...workers.values()].map((one) => one.close()));
    },
  };
}

/** Few connections, one of them for the statements that are sent together. */
export function openWorkerDatabase(url: string, worker: string): Database {
  return openDatabase({ url, maxConnections: 2, applicationName: worker, pipelinedConnections: 1 });
}

/**
 * `fire.pass_time` moves every time of the synchronisation into the past instead of waiting. `fire.ingested`
 * keeps every event that a committed transaction has tried to store, also one that was there already.
 */
const FIXTURES = [
  'CREATE SCHEMA fire',
  'CREATE TABLE fire.ingested (event_id text NOT NULL)',
  `CREATE FUNCTION fire.note_ingested() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO fire.ingested VALUES (NEW.event_id);
    RETURN NEW;
  END $$`,
  `CREATE TRIGGER fire_ingested BEFORE INSERT ON rolecall.sync_inbox
    FOR EACH ROW EXECUTE FUNCTION fire.note_ingested()`,
  `DO $do$ DECLARE statements text; BEGIN
    SELECT string_agg(format('UPDATE rolecall.%I SET %s;', relname, assignments), E'\\n') INTO statements
      FROM (SELECT c.relname, string_agg(format('%1$I = %1$I - passed', a.attname), ', ') AS assignments
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = 'rolecall'::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'sync\\_%'
          AND c.relname NOT IN ('sync_inbox', 'sync_conflicts') AND a.atttypid = 'timestamptz'::regtype
        GROUP BY c.relname) timed;
    EXECUTE format('CREATE FUNCTION fire.pass_time(ms double precision) RETURNS void LANGUAGE plpgsql AS $f$
      DECLARE passed interval := ms * interval ''1 ms''; BEGIN %s
        UPDATE rolecall.workos_environment SET multiple_roles_at = multiple_roles_at - passed;
      END $f$', statements);
    SELECT string_agg(format('DELETE FROM rolecall.%I;', relname), E'\\n') INTO statements
      FROM pg_class WHERE relnamespace = 'rolecall'::regnamespace AND relkind = 'r'
        AND relname NOT IN ('migrations', 'environment', 'global_roles', 'sync_settings', 'workos_gate');
    EXECUTE format('CREATE FUNCTION fire.reset() RETURNS void LANGUAGE plpgsql
      SET session_replication_role = replica AS $f$ BEGIN %s
        DELETE FROM rolecall.global_roles WHERE slug NOT IN (''admin'', ''member'');
        DELETE FROM rolecall.sync_settings;
        INSERT INTO rolecall.sync_settings DEFAULT VALUES;
        DELETE FROM rolecall.workos_gate;
        INSERT INTO rolecall.workos_gate DEFAULT VALUES;
        DELETE FROM fire.ingested;
      END $f$', statements);
  END $do$`,
];

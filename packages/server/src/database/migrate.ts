import { Client } from 'pg';
import { judgeStatementFailure } from './failures.ts';
import { type MigrationFile, migrationsFolder, readMigrationFiles } from './migration-files.ts';
import { MigrationError } from './migration-error.ts';
import { clientConfig } from './open-database.ts';

/** A migration that is about to be applied, or has just been. */
export interface MigrationProgress {
  readonly name: string;
  readonly step: 'applying' | 'applied';
}

export interface MigrationOptions {
  readonly onProgress?: (progress: MigrationProgress) => void;
  /** The folder of the .sql files; the one that comes with this code unless told otherwise. */
  readonly folder?: string;
}

export interface MigrationStatus {
  readonly serverVersion: string;
  readonly applied: readonly { readonly name: string; readonly appliedAt: string }[];
  readonly pending: readonly string[];
}

interface AppliedRow {
  readonly name: string;
  readonly sha256: string;
  readonly applied_at: string;
}

const OLDEST_SERVER = 150_000;
/** Any number, as long as nobody else locks it: 'rolecall' in ASCII, shortened to 63 bits. */
const LOCK = '8245931987826405477';

/**
 * Brings the schema up to date and resolves to the names that were applied. Each file is one transaction
 * together with its row in `rolecall.migrations`; a lock makes processes that start at once take turns.
 * Throws `MigrationError`, and `database_unavailable` when the database is away.
 */
export async function runMigrations(
  url: string,
  options: MigrationOptions = {},
): Promise<readonly string[]> {
  const files = await readMigrationFiles(options.folder ?? migrationsFolder);
  return withClient(url, async (client) => {
    await requireServerVersion(client);
    const applied: string[] = [];
    for (;;) {
      const name = await applyNext(client, files, options.onProgress);
      if (name === undefined) return applied;
      applied.push(name);
    }
  });
}

/** What is applied and what is not. Throws `MigrationError` when the two do not go together. */
export async function migrationStatus(
  url: string,
  options: Pick<MigrationOptions, 'folder'> = {},
): Promise<MigrationStatus> {
  const files = await readMigrationFiles(options.folder ?? migrationsFolder);
  return withClient(url, async (client) => {
    const serverVersion = await requireServerVersion(client);
    const rows = await readApplied(client);
    const pending = pendingFiles(files, rows);
    return {
      serverVersion,
      applied: rows.map((row) => ({ name: row.name, appliedAt: row.applied_at })),
      pending: pending.map((file) => file.name),
    };
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    ...clientConfig({ url, applicationName: 'rolecall migrate', statementTimeoutMs: 0 }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw judgeStatementFailure(error).error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Applies the first file that is not applied; resolves to its name, or to nothing when all are. */
async function applyNext(
  client: Client,
  files: readonly MigrationFile[],
  onProgress: MigrationOptions['onProgress'],
): Promise<string | undefined> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const [next] = pendingFiles(files, await readApplied(client));
    if (next === undefined) {
      await client.query('ROLLBACK');
      return undefined;
    }
    onProgress?.({ name: next.name, step: 'applying' });
    await applyFile(client, next);
    await client.query('COMMIT');
    onProgress?.({ name: next.name, step: 'applied' });
    return next.name;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function applyFile(client: Client, file: MigrationFile): Promise<void> {
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS rolecall;
    CREATE TABLE IF NOT EXISTS rolecall.migrations (
      name text PRIMARY KEY,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`);
  try {
    await client.query(file.sql);
  } catch (error) {
    if (judgeStatementFailure(error).connectionLost) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(
      'migration_failed',
      `the migration \`${file.name}\` failed: ${reason}`,
      'the database is as it was before; mend the cause and run the migrations again',
      error,
    );
  }
  await client.query('INSERT INTO rolecall.migrations (name, sha256) VALUES ($1, $2)', [
    file.name,
    file.sha256,
  ]);
}

async function readApplied(client: Client): Promise<readonly AppliedRow[]> {
  const exists = await client.query<{ readonly found: boolean }>(
    `SELECT to_regclass('rolecall.migrations') IS NOT NULL AS found`,
  );
  if (exists.rows[0]?.found !== true) return [];
  const { rows } = await client.query<AppliedRow>(
    'SELECT name, sha256, applied_at FROM rolecall.migrations ORDER BY name COLLATE "C"',
  );
  return rows;
}

/** The files that are not applied. Throws when those that are cannot have come from these files. */
function pendingFiles(
  files: readonly MigrationFile[],
  applied: readonly AppliedRow[],
): readonly MigrationFile[] {
  for (const row of applied) requireSameFile(files, row);
  const last = applied.at(-1);
  const pending = files.filter((file) => !applied.some((row) => row.name === file.name));
  const late = pending.find((file) => last !== undefined && file.name < last.name);
  if (late !== undefined && last !== undefined) {
    throw new MigrationError(
      'migration_out_of_order',
      `the migration \`${late.name}\` comes before \`${last.name}\`, which is applied already`,
      'give it the next free number',
    );
  }
  return pending;
}

function requireSameFile(files: readonly MigrationFile[], row: AppliedRow): void {
  const file = files.find((candidate) => candidate.name === row.name);
  if (file === undefined) {
    throw new MigrationError(
      'database_newer',
      `the database has the migration \`${row.name}\`, which this version does not know`,
      'start a version that is at least as new as the one that migrated the database',
    );
  }
  if (file.sha256 !== row.sha256) {
    throw new MigrationError(
      'migration_changed',
      `the migration \`${row.name}\` is not the one that was applied`,
      'restore the file as it was released, and put the change into a new one',
    );
  }
}

/** Resolves to the version as the server says it. */
async function requireServerVersion(client: Client): Promise<string> {
  const { rows } = await client.query<{ readonly number: string; readonly version: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
  );
  const version = rows[0]?.version ?? 'unknown';
  if (Number(rows[0]?.number) >= OLDEST_SERVER) return version;
  throw new MigrationError(
    'postgres_too_old',
    `the server is PostgreSQL \`${version}\`, and version 15 is the oldest that is supported`,
    'upgrade PostgreSQL, or use another server',
  );
}

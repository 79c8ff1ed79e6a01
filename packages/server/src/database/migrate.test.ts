import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, pretendOldPostgres, type TestDatabase } from '@rolecall/testkit';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  MigrationError,
  type MigrationProgress,
  migrationStatus,
  query,
  runMigrations,
} from './index.ts';
import { migrationsFolder } from './migration-files.ts';

let test: TestDatabase;
let folder: string;
beforeEach(async () => {
  test = await createTestDatabase({ empty: true });
  folder = await mkdtemp(join(tmpdir(), 'rolecall-migrations-'));
  await write('0001_first.sql', 'CREATE TABLE rolecall.first (a int);');
  return async () => {
    await test.close();
    await rm(folder, { recursive: true });
  };
});

async function write(name: string, sql: string): Promise<void> {
  await writeFile(join(folder, name), sql);
}

async function tables(): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(test.db, {
    text: `SELECT relname AS name FROM pg_class
             WHERE relnamespace = to_regnamespace('rolecall') AND relkind = 'r' ORDER BY 1`,
  });
  return rows.map((row) => row.name);
}

async function failureOf(promise: Promise<unknown>): Promise<MigrationError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MigrationError) return error;
  throw new Error('expected a MigrationError', { cause: error });
}

describe('runMigrations', () => {
  it('applies what comes with this code, once', async () => {
    const names = (await readdir(migrationsFolder)).sort();
    expect(await runMigrations(test.url)).toEqual(names);
    expect(await runMigrations(test.url)).toEqual([]);
    expect(await tables()).toContain('memberships');
  });

  it('applies only what is new, in order, and tells the progress', async () => {
    await runMigrations(test.url, { folder });
    await write('0003_third.sql', 'ALTER TABLE rolecall.second ADD COLUMN b int;');
    await write('0002_second.sql', 'CREATE TABLE rolecall.second (a int);');
    const progress: MigrationProgress[] = [];
    const applied = await runMigrations(test.url, {
      folder,
      onProgress: (step) => progress.push(step),
    });
    expect(applied).toEqual(['0002_second.sql', '0003_third.sql']);
    expect(progress.map(({ name, step }) => `${step} ${name}`)).toEqual([
      'applying 0002_second.sql',
      'applied 0002_second.sql',
      'applying 0003_third.sql',
      'applied 0003_third.sql',
    ]);
  });

  it('leaves nothing of a migration that fails, and keeps those before it', async () => {
    await write(
      '0002_broken.sql',
      'CREATE TABLE rolecall.half (a int); INSERT INTO rolecall.nowhere VALUES (1);',
    );
    const error = await failureOf(runMigrations(test.url, { folder }));
    expect(error).toMatchObject({
      code: 'migration_failed',
      message: 'the migration `0002_broken.sql` failed: relation "rolecall.nowhere" does not exist',
    });
    expect(await tables()).toEqual(['first', 'migrations']);
    await write('0002_broken.sql', 'CREATE TABLE rolecall.whole (a int);');
    expect(await runMigrations(test.url, { folder })).toEqual(['0002_broken.sql']);
  });

  it('leaves a database that fails its first migration as it was', async () => {
    await write('0001_first.sql', 'CREATE TABLE rolecall.first (a int); SELECT 1/0;');
    await failureOf(runMigrations(test.url, { folder }));
    const schemas = await query(test.db, {
      text: `SELECT 1 FROM pg_namespace WHERE nspname = 'rolecall'`,
    });
    expect(schemas).toEqual([]);
  });

  it('refuses a file that has changed since it was applied', async () => {
    await runMigrations(test.url, { folder });
    await write('0001_first.sql', 'CREATE TABLE rolecall.first (a bigint);');
    const error = await failureOf(runMigrations(test.url, { folder }));
    expect(error).toMatchObject({
      code: 'migration_changed',
      message: 'the migration `0001_first.sql` is not the one that was applied',
    });
  });

  it('does not mind the line ends of another system', async () => {
    await write('0002_second.sql', 'CREATE TABLE rolecall.second\n(a int);\n');
    await runMigrations(test.url, { folder });
    await write('0002_second.sql', 'CREATE TABLE rolecall.second\r\n(a int);\r\n');
    expect(await runMigrations(test.url, { folder })).toEqual([]);
  });

  it('refuses a database that is newer than the code', async () => {
    await write('0002_future.sql', 'CREATE TABLE rolecall.future (a int);');
    await runMigrations(test.url, { folder });
    await rm(join(folder, '0002_future.sql'));
    const error = await failureOf(runMigrations(test.url, { folder }));
    expect(error).toMatchObject({
      code: 'database_newer',
      message: 'the database has the migration `0002_future.sql`, which this version does not know',
    });
  });

  it('refuses a file that was slipped in before an applied one', async () => {
    await write('0003_third.sql', 'CREATE TABLE rolecall.third (a int);');
    await runMigrations(test.url, { folder });
    await write('0002_second.sql', 'CREATE TABLE rolecall.second (a int);');
    const error = await failureOf(runMigrations(test.url, { folder }));
    expect(error.code).toBe('migration_out_of_order');
  });

  it('refuses a folder with a file that has no number', async () => {
    await write('later.sql', 'SELECT 1;');
    await expect(runMigrations(test.url, { folder })).rejects.toThrow(
      'the migration `later.sql` is misnamed',
    );
  });

  it('lets processes that start at once take turns', async () => {
    await cp(migrationsFolder, folder, { recursive: true });
    await rm(join(folder, '0001_first.sql'));
    await write('9998_slow.sql', 'CREATE TABLE rolecall.slow (a int); SELECT pg_sleep(0.3);');
    await write('9999_last.sql', 'CREATE TABLE rolecall.last (a int);');
    const applied = await Promise.all(Array.from({ length: 3 }, () => migrateInOwnProcess(folder)));
    const names = (await readdir(folder)).sort();
    expect(applied.flat().sort()).toEqual(names);
    expect((await migrationStatus(test.url, { folder })).pending).toEqual([]);
  });

  it('says that PostgreSQL is too old', async () => {
    const old = await pretendOldPostgres('14.12', '140012');
    onTestFinished(old.close);
    const error = await failureOf(runMigrations(old.url, { folder }));
    expect(error).toMatchObject({
      code: 'postgres_too_old',
      message: 'the server is PostgreSQL `14.12`, and version 15 is the oldest that is supported',
    });
  });

  it('is an outage when the database is away', async () => {
    const away = new URL(test.url);
    away.port = '1';
    await expect(runMigrations(away.href, { folder })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
});

describe('migrationStatus', () => {
  it('tells what is applied, since when, and what is not', async () => {
    await runMigrations(test.url, { folder });
    await write('0002_second.sql', 'SELECT 1;');
    const status = await migrationStatus(test.url, { folder });
    expect(status).toMatchObject({
      applied: [{ name: '0001_first.sql', appliedAt: expect.stringMatching(/^20.*Z$/) as string }],
      pending: ['0002_second.sql'],
    });
    expect(status.serverVersion).toMatch(/^\d+/);
  });

  it('writes nothing into a database without a schema', async () => {
    const status = await migrationStatus(test.url, { folder });
    expect(status).toMatchObject({ applied: [], pending: ['0001_first.sql'] });
    expect(await tables()).toEqual([]);
  });
});

/** The names that a process of its own has applied. */
async function migrateInOwnProcess(migrations: string): Promise<readonly string[]> {
  const script = `
    import { runMigrations } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    process.send(await runMigrations(process.env.TEST_URL, { folder: process.env.TEST_FOLDER }));
    process.disconnect();`;
  const child = fork('-', {
    execArgv: ['--input-type=module', '--eval', script],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, TEST_URL: test.url, TEST_FOLDER: migrations },
  });
  let names: readonly string[] | undefined;
  child.on('message', (message) => {
    names = message as readonly string[];
  });
  await once(child, 'exit');
  if (names === undefined) throw new Error('a process has failed to migrate');
  return names;
}

import { createTestDatabase, type TestDatabaseOptions } from '@rolecall/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { checkDatabase, type DatabaseReport, query } from './index.ts';

async function reportOf(options: TestDatabaseOptions, prepare?: string): Promise<DatabaseReport> {
  const test = await createTestDatabase(options);
  onTestFinished(() => test.close());
  if (prepare !== undefined) await query(test.db, { text: prepare });
  return checkDatabase(test.db);
}

it('finds nothing wrong with a database that was migrated on a proper server', async () => {
  const report = await reportOf({});
  expect(report).toMatchObject({
    encoding: 'UTF8',
    ctypeIsUtf8: true,
    trigramsOfAnyScript: true,
    readOnly: false,
    connectionsAreShared: false,
    preparedStatements: 'working',
  });
  expect(Math.abs(report.clockAheadMs)).toBeLessThan(5_000);
  expect(report.extensions.map(({ name, installed }) => [name, typeof installed])).toEqual([
    ['btree_gin', 'string'],
    ['pg_trgm', 'string'],
  ]);
});

it('sees that a database without a UTF-8 ctype finds Latin names only', async () => {
  const report = await reportOf({ empty: true, locale: 'C' }, 'CREATE EXTENSION pg_trgm');
  expect(report).toMatchObject({ ctype: 'C', ctypeIsUtf8: false, trigramsOfAnyScript: false });
});

it('finds an extension in whatever schema it is', async () => {
  const report = await reportOf(
    { empty: true },
    'CREATE SCHEMA "My Extensions"; CREATE EXTENSION pg_trgm SCHEMA "My Extensions"',
  );
  expect(report.trigramsOfAnyScript).toBe(true);
});

it('tells which extensions are not installed yet', async () => {
  const report = await reportOf({ empty: true });
  expect(report.trigramsOfAnyScript).toBe(false);
  for (const extension of report.extensions) {
    expect(extension.installed).toBeNull();
    expect(extension.available).not.toBeNull();
  }
});

it('tells that the tests run on a server that would lose data', async () => {
  expect((await reportOf({})).durable).toBe(false);
});

it('tells that prepared statements are switched off', async () => {
  expect((await reportOf({ preparedStatements: false })).preparedStatements).toBe('off');
});

it('tells that the database is read-only', async () => {
  const report = await reportOf(
    { maxConnections: 2 },
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;
     SET default_transaction_read_only = on`,
  );
  expect(report.readOnly).toBe(true);
});

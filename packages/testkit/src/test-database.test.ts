import { query } from '@rolecall/server/database';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { buildMember, buildOrganization, createTestDatabase, type TestDatabase } from './index.ts';

/** What is in every table, and where every sequence stands. */
async function contentsOf({ db }: TestDatabase): Promise<readonly unknown[]> {
  const tables = await query<{ readonly name: string }>(db, {
    text: `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname = 'rolecall' ORDER BY 1`,
  });
  const rows = await query(db, {
    text: tables
      .map(({ name }) => `SELECT '${name}' AS name, to_jsonb(t)::text AS row FROM ${name} t`)
      .join(' UNION ALL '),
  });
  const sequences = await query(db, {
    text: `SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'rolecall' ORDER BY 1`,
  });
  return [...rows, ...sequences];
}

describe('a test database', () => {
  it('is used again with its connections, with the rows that a fresh one has and no others', async () => {
    const one = await createTestDatabase();
    const fresh = await contentsOf(one);
    const { id } = await buildOrganization(one.db);
    await buildMember(one.db, id);
    await query(one.db, { text: `UPDATE rolecall.global_roles SET name = 'Changed'` });
    await query(one.db, { text: 'DELETE FROM rolecall.sync_settings' });
    expect(await contentsOf(one)).not.toEqual(fresh);
    await one.close();
    const other = await createTestDatabase();
    expect(other.url).toBe(one.url);
    expect(await contentsOf(other)).toEqual(fresh);
    await other.close();
  });

  it.each([
    ['a table more', 'CREATE TABLE more (n int)'],
    ['a trigger less', 'DROP TRIGGER assignments_counted_delete ON rolecall.assignments'],
    ['statistics', 'ANALYZE rolecall.global_roles'],
    [
      'settings',
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 64', current_database()); END $$`,
    ],
  ])('is not used again with %s', async (_, text) => {
    const one = await createTestDatabase();
    await one.database.pool.query(text);
    await one.close();
    const other = await createTestDatabase();
    expect(other.url).not.toBe(one.url);
    await other.close();
  });

  it('is not used again while somebody else is connected to it', async () => {
    const one = await createTestDatabase();
    const stranger = new Client({ connectionString: one.url });
    stranger.on('error', () => undefined);
    await stranger.connect();
    await one.close();
    const other = await createTestDatabase();
    expect(other.url).not.toBe(one.url);
    await other.close();
    await stranger.end();
  });

  it('says so when a transaction was left open in it', async () => {
    const one = await createTestDatabase();
    const client = await one.database.pool.connect();
    await client.query('BEGIN; SELECT 1');
    const closing = one.close();
    await expect(closing).rejects.toThrow('a transaction was left open after `BEGIN; SELECT 1`');
    client.release(true);
  });

  it('cannot be reached any more by who had it before', async () => {
    const one = await createTestDatabase();
    await one.close();
    const late = query(one.db, { text: 'SELECT 1' });
    await expect(late).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

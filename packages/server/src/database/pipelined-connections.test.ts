import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, startOwnServer } from '@rolecall/testkit';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type Database,
  type DatabaseOptions,
  inTransaction,
  openDatabase,
  query,
} from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const ONE = { name: 'one', text: 'SELECT 1 AS one' };
const echo = (value: number) => ({
  name: 'echo',
  text: 'SELECT $1::int AS value',
  values: [value],
});
const backend = { name: 'backend', text: 'SELECT pg_backend_pid() AS pid' };
const pause = { name: 'pause', text: 'SELECT pg_sleep(0.2)' };
const OUTAGE = { code: 'database_unavailable', species: 'outage' };

function open(options: Partial<DatabaseOptions> = {}): Database {
  const database = openDatabase({ url: test.url, maxConnections: 1, ...options });
  onTestFinished(() => database.close());
  return database;
}

async function backendsOf(database: Database, callers: number): Promise<ReadonlySet<number>> {
  const rows = await Promise.all(
    Array.from({ length: callers }, () => query<{ pid: number }>(database.db, backend)),
  );
  return new Set(rows.flat().map((row) => row.pid));
}

describe('prepared statements outside of transactions', () => {
  it('give every caller its own answer', async () => {
    const { db } = open();
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const rows = await Promise.all(numbers.map((n) => query<{ value: number }>(db, echo(n))));
    expect(rows.flat().map((row) => row.value)).toEqual(numbers);
  });

  it('share few connections, and open another one only when it is crowded', async () => {
    const database = open({ pipelinedConnections: 3 });
    expect((await backendsOf(database, 1)).size).toBe(1);
    expect((await backendsOf(database, 4)).size).toBe(1);
    expect((await backendsOf(database, 100)).size).toBe(3);
    expect(database.pool.totalCount).toBe(0);
  });

  it('are answered while every connection of the pool is taken', async () => {
    const { db } = open({ checkoutTimeoutMs: 3_000 });
    const rows = await inTransaction(db, async (tx) => {
      await query(tx, { text: 'SELECT 1' });
      return query(db, ONE);
    });
    expect(rows).toEqual([{ one: 1 }]);
  });

  it('fail alone', async () => {
    const { db } = open({ pipelinedConnections: 1 });
    const divide = (by: number) => ({
      name: 'divide',
      text: 'SELECT 1 / $1::int AS value',
      values: [by],
    });
    const outcomes = await Promise.allSettled([1, 0, 1].map((by) => query(db, divide(by))));
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  it('belong to their transaction inside of one', async () => {
    const { db } = open();
    const [inside, outside] = await inTransaction(db, async (tx) => [
      await query(tx, backend),
      await query(db, backend),
    ]);
    expect(inside).not.toEqual(outside);
  });

  it('are outages when their connection is cut, and the next one is answered', async () => {
    const { db } = open({ pipelinedConnections: 1 });
    const [row] = await query<{ pid: number }>(db, backend);
    const cut = Promise.allSettled([query(db, pause), query(db, ONE), query(db, ONE)]);
    await sleep(20);
    await query(test.db, { text: 'SELECT pg_terminate_backend($1)', values: [row?.pid] });
    for (const outcome of await cut) expect(outcome).toMatchObject({ reason: OUTAGE });
    expect(await query(db, ONE)).toEqual([{ one: 1 }]);
  });

  it('survive that an idle connection is cut', async () => {
    const database = open();
    const [pid] = await backendsOf(database, 1);
    await query(test.db, { text: 'SELECT pg_terminate_backend($1)', values: [pid] });
    await sleep(50);
    expect((await backendsOf(database, 1)).has(pid ?? 0)).toBe(false);
  });

  it('leave a connection on which a plan is out of date, without hurting their neighbours', async () => {
    const { db } = open({ pipelinedConnections: 1 });
    const named = { name: 'changing', text: 'SELECT * FROM changing' };
    await query(test.db, { text: 'CREATE TABLE changing (a int)' });
    await query(db, named);
    await query(test.db, { text: 'ALTER TABLE changing ADD COLUMN b int' });
    const [stale, neighbour] = await Promise.allSettled([query(db, named), query(db, ONE)]);
    expect(stale).toMatchObject({ status: 'rejected', reason: OUTAGE });
    expect(neighbour).toMatchObject({ status: 'fulfilled' });
    expect(await query(db, named)).toEqual([]);
  });

  it('are refused when too many wait for an answer', async () => {
    const { db } = open({ pipelinedConnections: 1 });
    const outcomes = await Promise.allSettled([
      query(db, pause),
      ...Array.from({ length: 1_100 }, () => query(db, ONE)),
    ]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(101);
    for (const outcome of refused) expect(outcome.reason).toMatchObject(OUTAGE);
  });

  it('are answered before the connections close', async () => {
    const database = openDatabase({ url: test.url });
    const answers = Promise.all([query(database.db, pause), query(database.db, ONE)]);
    await database.close();
    expect((await answers)[1]).toEqual([{ one: 1 }]);
    await expect(query(database.db, ONE)).rejects.toMatchObject({ code: 'shutting_down' });
  });

  it('are outages while the server is away, and are answered when it is back', async () => {
    const server = await startOwnServer();
    onTestFinished(server.close);
    const database = openDatabase({ url: server.url, checkoutTimeoutMs: 1_000 });
    onTestFinished(database.close);
    await query(database.db, ONE);
    await server.stop();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => query(database.db, ONE)),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: OUTAGE });
    await server.start();
    await expect.poll(() => query(database.db, ONE).catch(() => 'away')).toEqual([{ one: 1 }]);
  });
});

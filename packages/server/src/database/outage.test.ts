import { setTimeout as sleep } from 'node:timers/promises';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createTestDatabase, startOwnServer } from '@rolecall/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RolecallError } from '../errors/index.ts';
import {
  type Database,
  type DatabaseOptions,
  inTransaction,
  openDatabase,
  query,
} from './index.ts';

const ONE = { text: 'SELECT 1 AS one' };
const OUTAGE = { code: 'database_unavailable', species: 'outage' };

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
}

/** Ends a connection as an administrator does, as soon as it runs something like `statement`. */
async function terminate(url: string, applicationName: string, statement = '%'): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await expect
    .poll(async () => {
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = $1 AND query LIKE $2`,
        [applicationName, statement],
      );
      return rowCount;
    })
    .toBe(1);
  await admin.end();
}

describe('a database that answers, but not this time', () => {
  const testDatabase = createTestDatabase();
  afterAll(async () => (await testDatabase).close());

  async function open(options: Omit<DatabaseOptions, 'url'>): Promise<Database> {
    const { url } = await testDatabase;
    const database = openDatabase({ ...options, url });
    onTestFinished(() => database.close());
    return database;
  }

  it('is an outage when the connection is cut in the middle of a transaction', async () => {
    const { db, url, pool } = await open({ applicationName: 'cut-tx', maxConnections: 1 });
    const error = await failureOf(
      inTransaction(db, async (tx) => {
        await query(tx, ONE);
        await terminate(url, 'cut-tx');
        await query(tx, ONE);
      }),
    );
    expect(error).toMatchObject(OUTAGE);
    expect(pool.totalCount).toBe(0);
    expect(await query(db, ONE)).toEqual([{ one: 1 }]);
  });

  it('is an outage when the connection is cut while a statement runs', async () => {
    const { db, url } = await open({ applicationName: 'cut-statement' });
    const running = failureOf(query(db, { text: 'SELECT pg_sleep(20)' }));
    await terminate(url, 'cut-statement', '%pg_sleep%');
    expect(await running).toMatchObject(OUTAGE);
    expect(await query(db, ONE)).toEqual([{ one: 1 }]);
  });

  it('survives that an idle connection is cut, and tells who listens', async () => {
    const lost: Error[] = [];
    const { db, url, pool } = await open({
      applicationName: 'cut-idle',
      onIdleConnectionLost: (error) => lost.push(error),
    });
    await query(db, ONE);
    await terminate(url, 'cut-idle');
    await expect.poll(() => pool.totalCount).toBe(0);
    expect(lost).toHaveLength(1);
    expect(await query(db, ONE)).toEqual([{ one: 1 }]);
  });

  it('is an outage when no connection is free in time', async () => {
    const { db } = await open({ maxConnections: 1, checkoutTimeoutMs: 100 });
    const error = await inTransaction(db, () => failureOf(query(db, ONE)));
    expect(error).toMatchObject({ ...OUTAGE, details: { retryAfterSeconds: 1 } });
    expect(await query(db, ONE)).toEqual([{ one: 1 }]);
  });

  it('is an outage when a statement takes too long, and keeps the connection', async () => {
    const { db, pool } = await open({ maxConnections: 1, statementTimeoutMs: 50 });
    await query(db, ONE);
    expect(await failureOf(query(db, { text: 'SELECT pg_sleep(5)' }))).toMatchObject(OUTAGE);
    expect(pool.totalCount).toBe(1);
  });

  it('limits statements in transactions when the connection keeps no settings', async () => {
    const { db } = await open({ preparedStatements: false, statementTimeoutMs: 50 });
    const error = await failureOf(
      inTransaction(db, (tx) => query(tx, { text: 'SELECT pg_sleep(5)' })),
    );
    expect(error).toMatchObject(OUTAGE);
    expect(await query(db, { text: 'SHOW statement_timeout' })).toEqual([
      { statement_timeout: '0' },
    ]);
  });

  it('is an outage when the server takes no writes', async () => {
    const { db } = await open({});
    const error = await failureOf(
      inTransaction(db, async (tx) => {
        await query(tx, { text: 'SET LOCAL transaction_read_only = on' });
        await query(tx, { text: 'UPDATE rolecall.environment SET epoch = gen_random_uuid()' });
      }),
    );
    expect(error).toMatchObject(OUTAGE);
  });

  it('is an outage when the server has lost a prepared statement', async () => {
    const { db } = await open({ maxConnections: 1, pipelinedConnections: 0 });
    const named = { name: 'one', ...ONE };
    await query(db, named);
    await query(db, { text: 'DEALLOCATE ALL' });
    expect(await failureOf(query(db, named))).toMatchObject(OUTAGE);
    expect(await query(db, named)).toEqual([{ one: 1 }]);
  });

  it('is an outage when a table has changed under a prepared statement', async () => {
    const { db } = await open({ maxConnections: 1 });
    const named = { name: 'changing', text: 'SELECT * FROM changing' };
    await query(db, { text: 'CREATE TABLE changing (a int)' });
    await query(db, named);
    await query(db, { text: 'ALTER TABLE changing ADD COLUMN b int' });
    expect(await failureOf(query(db, named))).toMatchObject(OUTAGE);
    expect(await query(db, named)).toEqual([]);
  });

  it('prepares nothing when prepared statements are off', async () => {
    const { db } = await open({ maxConnections: 1, preparedStatements: false });
    await query(db, { name: 'one', ...ONE });
    expect(await query(db, { text: 'SELECT name FROM pg_prepared_statements' })).toEqual([]);
  });

  it('says that it shuts down once it is closed', async () => {
    const { url } = await testDatabase;
    const database = openDatabase({ url });
    await database.close();
    await database.close();
    expect(await failureOf(query(database.db, ONE))).toMatchObject({ code: 'shutting_down' });
  });
});

describe('a network that swallows everything', () => {
  // The wait for an answer is five seconds longer than the server's own limit on a statement.
  it.runIf(process.env['ROLECALL_LONG'] === '1')('is an outage', async () => {
    const test = await createTestDatabase();
    onTestFinished(() => test.close());
    const hole = await openBlackHole(Number(new URL(test.url).port));
    onTestFinished(hole.close);
    const url = new URL(test.url);
    url.port = String(hole.port);
    const database = openDatabase({
      url: url.href,
      statementTimeoutMs: 100,
      checkoutTimeoutMs: 500,
    });
    onTestFinished(() => database.close());
    const named = { name: 'one', ...ONE };
    expect(await query(database.db, ONE)).toEqual(await query(database.db, named));
    hole.swallow();
    const outcomes = await Promise.all([
      failureOf(query(database.db, ONE)),
      failureOf(query(database.db, named)),
      failureOf(inTransaction(database.db, (tx) => query(tx, ONE))),
    ]);
    for (const outcome of outcomes) expect(outcome).toMatchObject(OUTAGE);
  });
});

/** A way to the server that can stop to let anything through, and closes nothing. */
async function openBlackHole(
  port: number,
): Promise<{ readonly port: number; readonly swallow: () => void; readonly close: () => void }> {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined);
    if (swallowing) return;
    const far = connect(port, '127.0.0.1');
    sockets.add(far);
    far.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    swallow: () => {
      swallowing = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('a server that goes away', () => {
  let server: Awaited<ReturnType<typeof startOwnServer>>;
  let database: Database;
  beforeAll(async () => {
    server = await startOwnServer({ max_connections: '20' });
    database = openDatabase({ url: server.url, maxConnections: 4, checkoutTimeoutMs: 1_000 });
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  it.each(['fast', 'immediate'] as const)(
    'is an outage while it is stopped (%s), and is used again without a restart of ours',
    async (mode) => {
      const outcomes = new Set<string>();
      let stopped = false;
      const traffic = Array.from({ length: 6 }, async (_, worker) => {
        while (!stopped) {
          const failure = await failureOf(
            worker % 2 === 0
              ? query(database.db, ONE)
              : inTransaction(database.db, (tx) => query(tx, { text: 'SELECT pg_sleep(0.01)' })),
          );
          if (failure instanceof Error && !(failure instanceof RolecallError)) throw failure;
          outcomes.add(failure instanceof RolecallError ? failure.code : 'answered');
          await sleep(5);
        }
      });
      await expect.poll(() => [...outcomes]).toEqual(['answered']);
      await server.stop(mode);
      await expect.poll(() => [...outcomes]).toEqual(['answered', 'database_unavailable']);
      await server.start();
      await expect
        .poll(() => failureOf(query(database.db, ONE)), { timeout: 10_000 })
        .toBe('no failure');
      stopped = true;
      await Promise.all(traffic);
    },
  );

  it('is an outage when it has no room for another connection', async () => {
    const greedy = openDatabase({ url: server.url, maxConnections: 30 });
    onTestFinished(() => greedy.close());
    const failures = await Promise.all(
      Array.from({ length: 30 }, () =>
        failureOf(query(greedy.db, { text: 'SELECT pg_sleep(0.2)' })),
      ),
    );
    const refused = failures.filter((failure) => failure !== 'no failure');
    expect(refused.length).toBeGreaterThan(0);
    for (const failure of refused) expect(failure).toMatchObject(OUTAGE);
  });

  it('is an outage when it refuses who connects', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    const stranger = openDatabase({ url: url.href });
    onTestFinished(() => stranger.close());
    expect(await failureOf(query(stranger.db, ONE))).toMatchObject(OUTAGE);
  });
});

import { buildOrganization, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { RolecallError } from '../errors/index.ts';
import {
  type Db,
  inTransaction,
  openDatabase,
  query,
  sqlState,
  sqlStateOf,
  type Tx,
} from './index.ts';

const test = await createTestDatabase({ maxConnections: 4 });
afterAll(() => test.close());

async function organizationNames(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('organizations').select('name').orderBy('name').execute();
  return rows.map((row) => row.name);
}

async function rename(tx: Tx, id: string, name: string): Promise<void> {
  await tx.updateTable('organizations').set({ name }).where('id', '=', id).execute();
}

async function failureOf(promise: Promise<unknown>): Promise<RolecallError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RolecallError))
    throw new Error('expected a RolecallError', { cause: error });
  return error;
}

describe('inTransaction', () => {
  it('keeps what was written when the work resolves, and answers with its value', async () => {
    const id = await inTransaction(test.db, async (tx) => {
      const organization = await buildOrganization(tx, { name: 'kept' });
      return organization.id;
    });
    const rows = await query<{ name: string }>(test.db, {
      text: 'SELECT name FROM rolecall.organizations WHERE id = $1',
      values: [id],
    });
    expect(rows).toEqual([{ name: 'kept' }]);
  });

  it('keeps nothing when the work throws, and throws the same error', async () => {
    const reason = new Error('changed my mind');
    const before = await organizationNames(test.db);
    const attempt = inTransaction(test.db, async (tx) => {
      await buildOrganization(tx, { name: 'dropped' });
      throw reason;
    });
    await expect(attempt).rejects.toBe(reason);
    expect(await organizationNames(test.db)).toEqual(before);
  });

  it('is READ COMMITTED whatever the server prefers', async () => {
    await query(test.db, {
      text: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$`,
    });
    const other = openDatabase({ url: test.url, maxConnections: 1 });
    const rows = await inTransaction(other.db, (tx) =>
      query(tx, { text: 'SHOW transaction_isolation' }),
    );
    await other.close();
    await query(test.db, {
      text: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_isolation', current_database()); END $$`,
    });
    expect(rows).toEqual([{ transaction_isolation: 'read committed' }]);
  });

  it('runs Kysely statements and raw ones on the same connection', async () => {
    const [first, second] = await inTransaction(test.db, async (tx) => [
      await query<{ pid: number }>(tx, { text: 'SELECT pg_backend_pid() AS pid' }),
      await tx.selectNoFrom((eb) => eb.fn<number>('pg_backend_pid').as('pid')).execute(),
    ]);
    expect(first).toEqual(second);
  });

  it('runs statements that were started together one after the other', async () => {
    const numbers = await inTransaction(test.db, (tx) =>
      Promise.all(
        [1, 2, 3].map((n) =>
          query<{ n: number }>(tx, { text: 'SELECT $1::int AS n', values: [n] }),
        ),
      ),
    );
    expect(numbers.flat().map((row) => row.n)).toEqual([1, 2, 3]);
  });

  it('refuses statements after its end', async () => {
    let escaped: Tx | undefined;
    await inTransaction(test.db, (tx) => {
      escaped = tx;
      return Promise.resolve();
    });
    if (escaped === undefined) throw new Error('the work has not run');
    const error = await failureOf(query(escaped, { text: 'SELECT 1' }));
    expect(error.message).toBe('BUG: a transaction was used after its end');
  });

  it('refuses to commit before all of its statements have been waited for', async () => {
    const before = await organizationNames(test.db);
    const error = await failureOf(
      inTransaction(test.db, async (tx) => {
        await buildOrganization(tx, { name: 'hasty' });
        void query(tx, { text: 'SELECT pg_sleep(0.05)' });
      }),
    );
    expect(error.message).toBe('BUG: a transaction ended before 1 of its statements');
    expect(await organizationNames(test.db)).toEqual(before);
  });

  it('says so when the work goes on after a statement has failed', async () => {
    const error = await failureOf(
      inTransaction(test.db, async (tx) => {
        await query(tx, { text: 'SELECT 1/0' }).catch(() => undefined);
      }),
    );
    expect(error.message).toBe('BUG: a transaction went on after one of its statements failed');
  });

  it('leaves the beginning of transactions to itself', async () => {
    const error = await failureOf(test.db.transaction().execute(() => Promise.resolve()));
    expect(error.message).toBe('BUG: a transaction is begun by `inTransaction`');
  });

  it('passes on what a constraint says', async () => {
    const { id } = await buildOrganization(test.db);
    const again = inTransaction(test.db, (tx) => buildOrganization(tx, { id }));
    await expect(again).rejects.toSatisfy(
      (error) => sqlStateOf(error) === sqlState.uniqueViolation,
    );
  });

  it('runs again after a deadlock, and both sides commit', async () => {
    const a = await buildOrganization(test.db, { id: 'deadlock-a' });
    const b = await buildOrganization(test.db, { id: 'deadlock-b' });
    let runs = 0;
    const meeting = Promise.withResolvers<undefined>();
    const crossing = (first: string, second: string, name: string): Promise<void> =>
      inTransaction(test.db, async (tx) => {
        runs += 1;
        await rename(tx, first, name);
        if (runs >= 2) meeting.resolve(undefined);
        await meeting.promise;
        await rename(tx, second, name);
      });
    await Promise.all([crossing(a.id, b.id, 'forth'), crossing(b.id, a.id, 'back')]);
    expect(runs).toBe(3);
  });

  it('gives up as an outage when it collides every time', async () => {
    let runs = 0;
    const error = await failureOf(
      inTransaction(test.db, async (tx) => {
        runs += 1;
        await query(tx, {
          text: `DO $$ BEGIN RAISE EXCEPTION 'collided' USING ERRCODE = 'serialization_failure'; END $$`,
        });
      }),
    );
    expect(error).toMatchObject({
      code: 'database_unavailable',
      species: 'outage',
      details: { retryAfterSeconds: 1 },
    });
    expect(runs).toBe(4);
  });
});

import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pool } from 'pg';
import {
  type Database,
  inTransaction,
  openDatabase,
  post,
  query,
  sendAfterCommit,
  type Statement,
} from './index.ts';
import { Connection } from './session.ts';
import { TransactionSession } from './transaction-session.ts';

const test = await createTestDatabase();
beforeAll(() => query(test.db, { text: 'CREATE TABLE public.notes (note text UNIQUE)' }));
afterAll(() => test.close());

const write = (note: string): Statement => ({
  name: 'write_note',
  text: 'INSERT INTO public.notes VALUES ($1)',
  values: [note],
});
const FAIL: Statement = { text: 'SELECT 1/0' };

async function notes(like: string): Promise<readonly string[]> {
  const rows = await query<{ note: string }>(test.db, {
    text: 'SELECT note FROM public.notes WHERE note LIKE $1 ORDER BY note',
    values: [`${like}%`],
  });
  return rows.map(({ note }) => note);
}

describe.each([
  { sent: 'together', preparedStatements: true },
  { sent: 'one by one', preparedStatements: false },
])('statements of a transaction that are sent $sent', ({ preparedStatements }) => {
  let database: Database;
  const at = (name: string): string => `${String(preparedStatements)} ${name}`;
  beforeAll(() => {
    database = openDatabase({ url: test.url, maxConnections: 2, preparedStatements });
  });
  afterAll(() => database.close());

  it('keep their order, whether somebody waits for them or not', async () => {
    const seen = await inTransaction(database.db, async (tx) => {
      post(tx, write(at('order 1')));
      const first = query(tx, { text: 'SELECT note FROM public.notes', harmless: true });
      post(tx, write(at('order 2')));
      const [before, after] = await Promise.all([
        first,
        query(tx, { text: 'SELECT note FROM public.notes' }),
      ]);
      return [before, after].map((rows) => rows.length);
    });
    expect(seen[1]).toBe((seen[0] ?? 0) + 1);
    expect(await notes(at('order'))).toEqual([at('order 1'), at('order 2')]);
  });

  it('fail the transaction when one fails that nobody waits for', async () => {
    const failing = inTransaction(database.db, async (tx) => {
      await query(tx, write(at('kept 1')));
      post(tx, FAIL);
      post(tx, write(at('kept 2')));
    });
    await expect(failing).rejects.toThrow('division by zero');
    expect(await notes(at('kept'))).toEqual([]);
  });

  it('fail it with that first failure, not with those that follow from it', async () => {
    const failing = inTransaction(database.db, async (tx) => {
      post(tx, FAIL);
      await query(tx, write(at('follows')));
    });
    await expect(failing).rejects.toThrow('division by zero');
  });

  it('INVARIANT (one transaction): are not committed without one whose values cannot be sent', async () => {
    const circular: Record<string, unknown> = {};
    circular['itself'] = circular;
    const failing = inTransaction(database.db, async (tx) => {
      await query(tx, write(at('unsent 1')));
      post(tx, write(at('unsent 2')));
      post(tx, { text: 'INSERT INTO public.notes VALUES ($1)', values: [circular] });
    });
    await expect(failing).rejects.toThrow('circular');
    expect(await notes(at('unsent'))).toEqual([]);
  });

  it('are run again when one that nobody waits for collides', async () => {
    let runs = 0;
    await inTransaction(database.db, async (tx) => {
      runs += 1;
      await query(tx, { text: 'SELECT 1' });
      if (runs > 1) return;
      post(tx, {
        text: `DO $$ BEGIN RAISE EXCEPTION 'collided' USING ERRCODE = 'serialization_failure'; END $$`,
      });
    });
    expect(runs).toBe(2);
  });

  it('are followed by what goes behind the commit, which sees it', async () => {
    await inTransaction(database.db, async (tx) => {
      sendAfterCommit(tx, {
        text: `INSERT INTO public.notes SELECT note || ' seen' FROM public.notes WHERE note = $1`,
        values: [at('behind')],
      });
      await query(tx, write(at('behind')));
    });
    await expect.poll(() => notes(at('behind'))).toEqual([at('behind'), `${at('behind')} seen`]);
  });

  it('are followed by nothing when the transaction is rolled back', async () => {
    const failing = inTransaction(database.db, (tx) => {
      sendAfterCommit(tx, write(at('nothing')));
      return Promise.reject(new Error('changed my mind'));
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await notes(at('nothing'))).toEqual([]);
  });

  it('do not mind that what goes behind the commit fails', async () => {
    await inTransaction(database.db, async (tx) => {
      await query(tx, write(at('fine')));
      sendAfterCommit(tx, FAIL);
    });
    expect(await notes(at('fine'))).toEqual([at('fine')]);
    expect(await query(database.db, { text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
  });
});

describe('a transaction that does not begin', () => {
  async function withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const pool = new Pool({ connectionString: test.url, pipeline: true, max: 1 });
    const options = { preparedStatements: true, pipeline: true };
    const connection = new Connection(await pool.connect(), options);
    try {
      return await use(connection);
    } finally {
      connection.release();
      await pool.end();
    }
  }

  it('INVARIANT (one transaction): leaves nothing that would do harm alone', async () => {
    await withConnection(async (connection) => {
      const session = new TransactionSession(connection, 'BEGIN WHATEVER');
      session.post(write('alone 1'));
      const harmless = session.run({ text: 'SELECT 1 AS one', harmless: true });
      const harmful = session.run(write('alone 2'));
      expect(await Promise.allSettled([harmless, harmful])).toMatchObject([
        { status: 'rejected' },
        { status: 'rejected' },
      ]);
      await expect(session.close()).rejects.toThrow('syntax error');
    });
    expect(await notes('alone')).toEqual([]);
  });

  it('has let pass what does no harm', async () => {
    await withConnection(async (connection) => {
      const session = new TransactionSession(connection, 'BEGIN WHATEVER');
      const { rows } = await session.run({ text: 'SELECT 1 AS one', harmless: true });
      expect(rows).toEqual([{ one: 1 }]);
      await expect(session.close()).rejects.toThrow('syntax error');
    });
  });
});

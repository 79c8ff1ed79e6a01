import { buildOrganization, createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOwnConnection, type OwnConnection, query } from '../../database/index.ts';
import { settledSnapshot } from '../fixtures/settled-snapshot.ts';
import { deleteChanges, oldestInProgress, pollChanges, type Poll } from './changes-store.ts';

const LONG = process.env['ROLECALL_LONG'] === '1';
const test = await createTestDatabase();
afterAll(() => test.close());

let poller: OwnConnection;
let sessions: Client[];
beforeAll(async () => {
  poller = await openOwnConnection({ url: test.url, applicationName: 'poller', timeoutMs: 5_000 });
  sessions = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const session = new Client({ connectionString: test.url });
      await session.connect();
      return session;
    }),
  );
});
afterAll(async () => {
  poller.close();
  await Promise.all(sessions.map((session) => session.end()));
});

const names = ({ changes }: Poll): string[] =>
  changes.map(({ organizationId, revision }) => `${organizationId}@${revision}`);

async function insertChange(session: Client, organizationId: string, revision: number) {
  await session.query(
    `INSERT INTO rolecall.changes (organization_id, revision, what) VALUES ($1, $2, '{}')`,
    [organizationId, revision],
  );
}

describe('the poll for changes', () => {
  it('brings nothing the first time', async () => {
    const { id } = await buildOrganization(test.db);
    const [session] = sessions as [Client];
    await insertChange(session, id, 1);
    expect((await pollChanges(poller, undefined)).changes).toEqual([]);
  });

  it('brings what a long transaction commits after many short ones were seen', async () => {
    const { id } = await buildOrganization(test.db);
    const [long, short] = sessions as [Client, Client];
    let { snapshot } = await pollChanges(poller, undefined);
    await long.query('BEGIN');
    await insertChange(long, id, 1);
    for (const revision of [2, 3, 4]) {
      await insertChange(short, id, revision);
      const poll = await pollChanges(poller, snapshot);
      expect(names(poll)).toEqual([`${id}@${revision}`]);
      snapshot = poll.snapshot;
    }
    await long.query('COMMIT');
    expect(names(await pollChanges(poller, snapshot))).toEqual([`${id}@1`]);
  });

  it('brings what was written below savepoints', async () => {
    const { id } = await buildOrganization(test.db);
    const [long, other] = sessions as [Client, Client];
    await long.query('BEGIN; SAVEPOINT a');
    await insertChange(long, id, 1);
    await insertChange(other, id, 9);
    const { snapshot } = await pollChanges(poller, undefined);
    await long.query('SAVEPOINT b');
    await insertChange(long, id, 2);
    await long.query('ROLLBACK TO SAVEPOINT b; RELEASE SAVEPOINT a');
    await long.query('COMMIT');
    expect(names(await pollChanges(poller, snapshot))).toEqual([`${id}@1`]);
  });

  it('INVARIANT (no lost change): every committed change is brought once, by the first poll that can see it', async () => {
    const action = fc.oneof(
      fc.record({ does: fc.constantFrom('begin', 'commit', 'rollback'), by: fc.nat(3) }),
      fc.record({ does: fc.constant('poll'), by: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 40 }), async (actions) => {
        const { id } = await buildOrganization(test.db);
        let { snapshot } = await pollChanges(poller, undefined);
        const open = new Map<number, number>();
        let revision = 0;
        let due: string[] = [];
        for (const { does, by } of [...actions, { does: 'poll', by: 0 }]) {
          const session = sessions[by];
          if (session === undefined) continue;
          if (does === 'poll') {
            const poll = await pollChanges(poller, snapshot);
            expect(names(poll).sort()).toEqual(due.sort());
            snapshot = poll.snapshot;
            due = [];
          } else if (does === 'begin' && !open.has(by)) {
            revision += 1;
            open.set(by, revision);
            await session.query('BEGIN');
            await insertChange(session, id, revision);
          } else if (does !== 'begin' && open.has(by)) {
            await session.query(does);
            if (does === 'commit') due.push(`${id}@${open.get(by) ?? 0}`);
            open.delete(by);
          }
        }
        for (const by of open.keys()) await sessions[by]?.query('ROLLBACK');
      }),
      { numRuns: LONG ? 500 : 30 },
    );
  });

  it('tells two histories apart', async () => {
    const { history } = await pollChanges(poller, undefined);
    expect((await pollChanges(poller, undefined)).history).toBe(history);
    await query(test.db, { text: 'UPDATE rolecall.environment SET epoch = gen_random_uuid()' });
    expect((await pollChanges(poller, undefined)).history).not.toBe(history);
  });
});

/** Waits for transactions of other databases on the server, which count as in progress here too. */
async function everythingBeforeIsOver(): Promise<void> {
  const [now] = await query<{ readonly xid: string }>(test.db, {
    text: 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid',
  });
  await expect
    .poll(
      async () => {
        const [row] = await query<{ readonly over: boolean }>(test.db, {
          text: 'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS over',
          values: [now?.xid],
        });
        return row?.over;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
}

describe('deleting changes', () => {
  it('leaves what a transaction wrote that was in progress, however old its row looks', async () => {
    const { id } = await buildOrganization(test.db);
    const [long, short] = sessions as [Client, Client];
    await insertChange(short, id, 1);
    await everythingBeforeIsOver();
    await long.query('BEGIN');
    await insertChange(long, id, 2);
    const { snapshot } = await pollChanges(poller, undefined);
    await insertChange(short, id, 3);
    await long.query('COMMIT');
    await deleteChanges(test.db, oldestInProgress(snapshot), 1_000);
    const rows = await query<{ revision: number }>(test.db, {
      text: 'SELECT revision FROM rolecall.changes WHERE organization_id = $1 ORDER BY 1',
      values: [id],
    });
    expect(rows.map(({ revision }) => revision)).toEqual([2, 3]);
  });

  it('deletes the oldest first and no more than it is told to', async () => {
    const { id } = await buildOrganization(test.db);
    const [session] = sessions as [Client];
    const before = await settledSnapshot(poller);
    await deleteChanges(test.db, oldestInProgress(before), 1_000_000);
    for (const revision of [1, 2, 3]) await insertChange(session, id, revision);
    const snapshot = await settledSnapshot(poller);
    expect(await deleteChanges(test.db, oldestInProgress(snapshot), 2)).toBe(2);
    expect(await deleteChanges(test.db, oldestInProgress(snapshot), 2)).toBe(1);
  });
});

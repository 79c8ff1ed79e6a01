import { buildOrganization, createTestDatabase, fakeClock } from '@rolecall/testkit';
import { afterAll, expect, it } from 'vitest';
import { openOwnConnection, query } from '../../database/index.ts';
import { settledSnapshot } from '../fixtures/settled-snapshot.ts';
import { KEPT_MS, Retention } from './retention.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

it('keeps what was committed in the last ten minutes, and deletes the rest within a minute', async () => {
  const { id } = await buildOrganization(test.db);
  const time = fakeClock();
  const clock = { monotonicMs: time.monotonic, wallMs: () => time.now().getTime() };
  const retention = new Retention(test.db, clock);
  const poller = await openOwnConnection({ url: test.url, applicationName: 'p', timeoutMs: 5_000 });
  const write = (revision: number) =>
    query(test.db, {
      text: `INSERT INTO rolecall.changes (organization_id, revision, what) VALUES ($1, $2, '{}')`,
      values: [id, revision],
    });
  const sweep = async () => {
    await retention.sweep(await settledSnapshot(poller));
    const rows = await query<{ revision: number }>(test.db, {
      text: 'SELECT revision FROM rolecall.changes ORDER BY 1',
    });
    return rows.map(({ revision }) => revision);
  };

  await write(1);
  await sweep();
  time.advance(KEPT_MS / 2);
  await write(2);
  await sweep();
  time.advance(KEPT_MS / 2 - 60_000);
  expect(await sweep()).toEqual([1, 2]);
  time.advance(60_000);
  expect(await sweep()).toEqual([2]);
  time.advance(KEPT_MS);
  expect(await sweep()).toEqual([]);
  poller.close();
});

import { buildOrganization, createTestDatabase } from '@rolecall/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction, query } from '../database/index.ts';
import { announceChange, announcedOrganization, readAnnouncement } from './index.ts';

const test = await createTestDatabase();
const listener = new Client({ connectionString: test.url });
const heard: string[] = [];
let key = '';
let epoch = '';

beforeAll(async () => {
  await listener.connect();
  listener.on('notification', ({ payload = '' }) => heard.push(payload));
  await listener.query('LISTEN rolecall');
  const [row] = await query<{ readonly key: string; readonly epoch: string }>(test.db, {
    text: 'SELECT announcement_key AS key, epoch FROM rolecall.environment',
  });
  ({ key = '', epoch = '' } = row ?? {});
});
afterAll(async () => {
  await listener.end();
  await test.close();
});

/** What is announced of a change. */
async function announce(what: object): Promise<{ id: string; notification: string }> {
  const { id } = await buildOrganization(test.db);
  const before = heard.length;
  await inTransaction(test.db, async (tx) => {
    await query(tx, {
      text: 'INSERT INTO rolecall.changes (organization_id, revision, what) VALUES ($1, 7, $2)',
      values: [id, JSON.stringify(what)],
    });
    announceChange(tx, { organizationId: id, revision: 7 });
  });
  await expect.poll(() => heard.length, { interval: 2 }).toBe(before + 1);
  return { id, notification: heard.at(-1) ?? '' };
}

describe('an announcement', () => {
  it('says what was committed, in letters of any script', async () => {
    const what = { users: ['zoë', '李', 'a"b\\c'], roles: [] };
    const { id, notification } = await announce(what);
    const change = { organizationId: id, epoch, revision: 7, what };
    expect(readAnnouncement(notification, key)).toEqual(change);
    expect(announcedOrganization(notification)).toBe(id);
  });

  it('names the organization alone when there is too much to say', async () => {
    const users = Array.from({ length: 900 }, (_, n) => `user-${String(n)}`);
    const { id, notification } = await announce({ users });
    expect(notification).toBe(id);
    expect(readAnnouncement(notification, key)).toBeUndefined();
  });

  it('says as much as fits', async () => {
    const { notification } = await announce({ users: ['x'.repeat(7_700)] });
    expect(readAnnouncement(notification, key)).toBeDefined();
    expect(Buffer.byteLength(notification)).toBeLessThan(8_000);
  });

  it('is not believed when anything of it was changed, or was proved with another key', async () => {
    const { notification } = await announce({ users: ['ann'] });
    const forged = [
      notification.replace('ann', 'bob'),
      notification.replace(' 7 ', ' 8 '),
      `x${notification}`,
      notification.slice(0, -1),
      notification.slice(0, -64),
      `${notification} `,
      notification.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ];
    for (const one of forged) expect(readAnnouncement(one, key)).toBeUndefined();
    expect(
      readAnnouncement(
        notification,
        key.replace(/^./, (c) => (c === '0' ? '1' : '0')),
      ),
    ).toBe(undefined);
  });
});

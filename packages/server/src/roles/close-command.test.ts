import { inTransaction, openDatabase, query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { context, openRoom } from '../../test/roles/room.ts';
import { intentsOf, tracesFrom } from '../../test/roles/traces.ts';
import { announcedOrganization, lockOrganization } from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import { createRole, setMemberRoles, updateOrganization } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

/** What is notified while something is done, and behind it, once there is so much of it. */
async function heardDuring(
  work: () => Promise<unknown>,
  count: number,
): Promise<readonly string[]> {
  const client = new Client({ connectionString: test.url });
  await client.connect();
  try {
    const heard: string[] = [];
    client.on('notification', ({ payload = '' }) => heard.push(announcedOrganization(payload)));
    await client.query('LISTEN rolecall');
    await work();
    // Nobody who commits waits until it is announced.
    await expect.poll(() => heard.length).toBeGreaterThanOrEqual(count);
    // A notification that was sent arrives before the answer to a later statement.
    await client.query('SELECT 1');
    return heard;
  } finally {
    await client.end();
  }
}

describe('the end of a command', () => {
  it('sends one notification, which names the organization', async () => {
    const room = await openRoom(test.db);
    await room.add('ann');
    const grants = [{ scope: 'project:read' }];
    const heard = await heardDuring(async () => {
      await room.perform(createRole, { name: 'Support', grants, memberIds: ['ann'] });
      await room.perform(setMemberRoles, { userId: 'ann', roleIds: [room.memberRoleId] });
    }, 2);
    expect(heard).toEqual([room.id, room.id]);
  });

  it('is planned once, and not anew for every command', async () => {
    const database = openDatabase({ url: test.url, maxConnections: 1 });
    const room = await openRoom(database.db);
    for (let turn = 0; turn < 20; turn += 1) {
      await room.perform(createRole, { name: `Role ${String(turn)}`, grants: [] });
    }
    const plans = await inTransaction(database.db, (tx) =>
      query<{ readonly generic: number }>(tx, {
        text: `SELECT generic_plans AS generic FROM pg_prepared_statements WHERE name = 'close_command'`,
      }),
    );
    await database.close();
    expect(plans[0]?.generic).toBeGreaterThan(10);
  });

  it('sends none, and leaves nothing, when the command is refused', async () => {
    const room = await openRoom(test.db);
    const before = await tracesFrom(test.db, room.id, 0);
    const heard = await heardDuring(async () => {
      const refused = room.perform(setMemberRoles, {
        userId: room.admin.userId ?? '',
        roleIds: [room.memberRoleId],
      });
      await expect(refused).rejects.toMatchObject({ code: 'last_admin' });
    }, 0);
    expect(heard).toEqual([]);
    expect(await tracesFrom(test.db, room.id, 0)).toEqual(before);
  });

  it('numbers several events of one command in their order', async () => {
    const room = await openRoom(test.db);
    const revision = await inTransaction(test.db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      const entries = ['a', 'b', 'c'].map((subject) => ({
        action: 'role.created' as const,
        subject,
        after: { text: `${subject} "quoted" \\ 'and' \n` },
      }));
      await closeCommand(tx, lock, context, { changed: {}, entries });
      return lock.revision;
    });
    const { audit } = await tracesFrom(test.db, room.id, revision);
    expect(audit.map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
    expect(audit[0]?.after).toEqual({ text: `a "quoted" \\ 'and' \n` });
  });

  it('is said once in a row that no other transaction of the organization can repeat', async () => {
    const room = await openRoom(test.db);
    const twice = inTransaction(test.db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      await closeCommand(tx, lock, context, { changed: {}, entries: [] });
      await closeCommand(tx, lock, context, { changed: {}, entries: [] });
    });
    await expect(twice).rejects.toMatchObject({ code: '23505' });
  });
});

describe('the one lock', () => {
  it('shows to whoever waited for it what was committed meanwhile', async () => {
    const room = await openRoom(test.db);
    let waiting: Promise<unknown> = Promise.resolve();
    await inTransaction(test.db, async (tx) => {
      await updateOrganization(tx, room.id, { workosId: 'org_meanwhile' }, context);
      waiting = room.perform(createRole, { name: 'Support', grants: [] });
      await untilSomebodyWaits();
    });
    await waiting;
    // The role was made after the link, so WorkOS is to hear of it.
    expect(await intentsOf(test.db, room.id)).toHaveLength(1);
  });

  it('is not had for an organization that is not there', async () => {
    const lock = inTransaction(test.db, (tx) => lockOrganization(tx, 'nowhere'));
    await expect(lock).rejects.toMatchObject({ code: 'organization_not_found' });
  });
});

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const rows = await query(test.db, {
      text: `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    });
    if (rows.length > 0) return;
  }
}

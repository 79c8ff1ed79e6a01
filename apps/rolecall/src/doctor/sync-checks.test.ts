import { query } from '@rolecall/server/database';
import {
  buildOrganization,
  buildRole,
  createTestDatabase,
  type TestDatabase,
} from '@rolecall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { type Finding } from './finding.ts';
import { checkSync } from './sync-checks.ts';

let test: TestDatabase;

beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.close());

const connected = { WORKOS_API_KEY: 'sk_test', WORKOS_WEBHOOK_SECRET: 'whsec' };

const check = (environment: Record<string, string> = connected): Promise<readonly Finding[]> =>
  checkSync(test.database, readConfig({}, environment));

const finding = async (name: string, environment?: Record<string, string>): Promise<unknown> =>
  (await check(environment)).find((one) => one.name === name);

/** A linked organization with one role, both compared and equal. */
async function linked(): Promise<void> {
  const { id } = await buildOrganization(test.db, { id: 'acme', workosId: 'org_01' });
  const role = await buildRole(test.db, id, { name: 'Auditor' });
  await query(test.db, {
    text: `INSERT INTO rolecall.sync_organizations (organization_id) VALUES ($1) ON CONFLICT DO NOTHING`,
    values: [id],
  });
  await query(test.db, { text: 'DELETE FROM rolecall.sync_entities' });
  await query(test.db, {
    text: `INSERT INTO rolecall.sync_entities
        (organization_id, kind, subject_id, local_version, pushed_version, priority, state, next_attempt_at)
      VALUES ($1, 'organization_role', $2, 1, 1, 1, 'idle', NULL)`,
    values: [id, role.id],
  });
}

const change = (text: string): Promise<unknown> => query(test.db, { text });

describe('what doctor finds about keeping WorkOS equal', () => {
  it('is where WorkOS is, and nothing more while no organization is linked', async () => {
    expect(await check({})).toMatchObject([
      { name: 'workos', status: 'ok', message: expect.stringContaining('not set') as unknown },
    ]);
    expect(await check()).toMatchObject([
      { name: 'workos', status: 'ok', message: 'https://api.workos.com, webhooks are expected' },
    ]);
  });

  it('warns that webhooks are not believed without their secret', async () => {
    expect(await finding('workos', { WORKOS_API_KEY: 'sk_test' })).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('without WORKOS_WEBHOOK_SECRET') as unknown,
    });
  });

  it('is in order when all is equal', async () => {
    await linked();
    expect(await check()).toEqual([
      { name: 'workos', status: 'ok', message: 'https://api.workos.com, webhooks are expected' },
      { name: 'circuit', status: 'ok', message: 'WorkOS answered last' },
      {
        name: 'sync',
        status: 'ok',
        message: '1 organization kept equal, nothing waits for a person',
      },
      { name: 'pending', status: 'ok', message: '0 changes on the way to WorkOS' },
      { name: 'events', status: 'ok', message: 'all are processed' },
    ]);
  });

  it.each([
    ['planned', 'differs_at_link'],
    ['conflict', 'slug_taken'],
    ['blocked', 'invalid_role'],
    ['quarantined', 'unprocessable'],
  ])('warns of what is %s, which waits for a person', async (state, reason) => {
    await linked();
    await change(`UPDATE rolecall.sync_entities SET state = '${state}', reason = '${reason}'`);
    expect(await finding('sync')).toMatchObject({
      status: 'warn',
      message: expect.stringMatching(`^1 thing wait.*1 (in )?${state}`) as unknown,
      advice: 'see what can be done about each: npx rolecall sync entities',
    });
  });

  it('warns of a change that does not arrive, after an hour', async () => {
    await linked();
    const pending = (age: string): Promise<unknown> =>
      change(`UPDATE rolecall.sync_entities SET state = 'pending', pushed_version = 0,
        next_attempt_at = now(), changed_at = now() - interval '${age}'`);
    await pending('59 minutes');
    expect(await finding('pending')).toMatchObject({
      status: 'ok',
      message: '1 change on the way to WorkOS',
    });
    await pending('61 minutes');
    expect(await finding('pending')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('61 min') as unknown,
    });
  });

  it('warns while WorkOS is away, and fails when it refuses the key', async () => {
    await linked();
    await change(`UPDATE rolecall.workos_gate SET circuit = 'open', retry_at = now()`);
    expect(await finding('circuit')).toMatchObject({ status: 'warn' });
    await change(
      `UPDATE rolecall.workos_gate SET circuit = 'refused', refused_key = 'a', retry_at = now()`,
    );
    expect(await finding('circuit')).toMatchObject({
      status: 'fail',
      advice: 'set WORKOS_API_KEY to one that it takes',
    });
  });

  it('fails when WorkOS is about to forget events that nobody has read', async () => {
    await linked();
    await change(`INSERT INTO rolecall.sync_cursors (stream, position, moved_at, read_at)
      VALUES ('events', 'event_1', now() - interval '21 days', now() - interval '21 days')`);
    expect(await finding('events')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('was not read') as unknown,
    });
  });

  it('warns of events that are quarantined', async () => {
    await linked();
    await change(`INSERT INTO rolecall.sync_inbox (event_id, type, happened_at, data, state, reason)
      VALUES ('event_1', 'user.updated', now(), '{}', 'quarantined', 'unprocessable')`);
    expect(await finding('events')).toMatchObject({
      status: 'warn',
      message: '1 event quarantined',
      advice: expect.stringContaining('npx rolecall sync replay') as unknown,
    });
  });
});

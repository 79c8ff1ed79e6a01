import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '@rolecall/server/database';
import { buildApiKey, buildOrganization } from '@rolecall/testkit';
import { startSimulator } from '@rolecall/workos-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageEntitiesStatement } from '../../src/sync/report/index.ts';
import { expectProblem, startApi } from './api.ts';

const simulator = await startSimulator({ rateLimits: 'off' });
const workos = { apiKey: simulator.apiKey, apiUrl: simulator.url };
const api = await startApi({ workos });
const { call, ok, test } = api;
afterAll(async () => {
  await api.close();
  await simulator.close();
});

const { dashboard } = simulator;
const ada = { organization: 'Acme', user: 'ada@acme.test' };
const { id: remoteId } = dashboard.createOrganization({ name: 'Acme' });
dashboard.createRole({ organization: 'Acme', slug: 'org-auditor', name: 'Auditor' });
dashboard.addMember({ ...ada, roles: ['admin'] });

async function settled(org: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { body } = await ok('getSyncStatus', { query: { organization_id: org } });
    const { comparing, marked, entities } = body;
    if (body.linked === 1 && comparing + marked + entities.pending === 0) return;
    if (performance.now() > deadline) throw new Error('it never settles');
    await sleep(30);
  }
}

beforeAll(async () => {
  await ok('createOrganization', { body: { id: 'acme', name: 'Acme', workos_id: remoteId } });
  await buildOrganization(test.db, { id: 'alone' });
  await api.sync.start();
  await settled('acme');
});

describe('the status', () => {
  it('says that WorkOS answers, how much is equal, and what is on the way', async () => {
    const { body } = await ok('getSyncStatus');
    expect(body.connection).toMatchObject({ circuit: 'closed', troubles: [] });
    expect(body.entities).toMatchObject({ idle: 2, pending: 0, blocked: 0 });
    expect(body).toMatchObject({ pending: 0, oldest_pending_seconds: null, linked: 1 });
    // What the first comparison has found was taken in.
    expect(body.drift).toBe(0);
    expect(body.cursor_age_seconds).toBeGreaterThanOrEqual(0);
  });

  it('shows a key of one organization that one, and another one not at all', async () => {
    const { secret } = await buildApiKey(test.db, { organizationId: 'alone', secret: 'rk_alone' });
    const { body } = await ok('getSyncStatus', { as: secret });
    expect(body).toMatchObject({ linked: 0, cursor_age_seconds: null, entities: { idle: 0 } });
    const path = '/v1/sync/status?organization_id=acme';
    expectProblem(await call('GET', path, { as: secret }), 'organization_not_found');
    expectProblem(await call('GET', '/v1/sync/settings', { as: secret }), 'forbidden');
    expectProblem(await call('GET', '/v1/sync/events', { as: secret }), 'forbidden');
  });
});

describe('drift', () => {
  it('is shown, shown only by a dry run, and mended when that is asked for', async () => {
    expect((await ok('findSyncDrift', { params: { org: 'acme' } })).body).toMatchObject({
      compared: 2,
      total: 0,
      drift: [],
    });
    // Changed behind the engine's back: nothing is pending, and no event tells.
    await query(test.db, {
      text: `UPDATE rolecall.roles SET name = 'Altered'
        WHERE organization_id = 'acme' AND slug = 'org-auditor'`,
    });
    const dry = await ok('repairSync', { params: { org: 'acme' }, body: {} });
    expect(dry.body).toMatchObject({
      total: 1,
      repairing: false,
      drift: [{ kind: 'organization_role', subject: 'org-auditor', here: { name: 'Altered' } }],
    });
    expect((await ok('findSyncDrift', { params: { org: 'acme' } })).body.total).toBe(1);
    await ok('repairSync', { params: { org: 'acme' }, body: { dry_run: false } });
    await settled('acme');
    expect((await ok('findSyncDrift', { params: { org: 'acme' } })).body.total).toBe(0);
  });

  it('cannot be told of an organization that is not linked', async () => {
    const answer = await call('GET', '/v1/organizations/alone/sync/drift');
    expectProblem(answer, 'organization_not_linked');
  });

  it('cannot be told while WorkOS is away, and that is said with the wait', async () => {
    simulator.faults.outage('error');
    const answer = await call('GET', '/v1/organizations/acme/sync/drift');
    expectProblem(answer, 'workos_unavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('GET', '/readyz')).status).toBe(200);
    simulator.faults.heal();
  });

  it('may be asked for on behalf of who reads the organization, and mended by who administers it', async () => {
    const { body } = await ok('listMembers', { params: { org: 'acme' } });
    const actor = `user:${body.data[0]?.user_id ?? ''}`;
    const headers = { 'rolecall-actor': actor };
    await ok('findSyncDrift', { params: { org: 'acme' }, headers });
    await ok('repairSync', { params: { org: 'acme' }, body: {}, headers });
    const stranger = { 'rolecall-actor': 'user:stranger' };
    const path = '/v1/organizations/acme/sync/repair';
    expectProblem(await call('POST', path, { body: {}, headers: stranger }), 'forbidden');
  });
});

describe('an entity', () => {
  async function makePlanned(): Promise<string> {
    await query(test.db, {
      text: `UPDATE rolecall.sync_entities
        SET state = 'planned', reason = 'differs_at_link', base = NULL, next_attempt_at = NULL
        WHERE organization_id = 'acme' AND kind = 'organization_role'`,
    });
    const { body } = await ok('listSyncEntities', { query: { state: 'planned' } });
    return body.data[0]?.id ?? '';
  }

  it('that waits for a person is listed with what to do, and a side of it can be chosen', async () => {
    const id = await makePlanned();
    const { body } = await ok('listSyncEntities', { query: { organization_id: 'acme' } });
    expect(body.data).toMatchObject([{ id, state: 'planned', advice: 'Choose a side.' }]);
    const chosen = await ok('chooseSyncSide', { params: { id }, body: { side: 'there' } });
    expect(chosen.body).toMatchObject({ id, state: 'idle' });
    const again = await call('POST', `/v1/sync/entities/${id}/choose`, { body: { side: 'there' } });
    expectProblem(again, 'nothing_to_choose');
  });

  it('is due at once when it is retried, and unknown to a key of another organization', async () => {
    const id = await makePlanned();
    const { body } = await ok('retrySyncEntity', { params: { id } });
    expect(Date.parse(body.next_attempt_at ?? '')).toBeLessThanOrEqual(Date.now() + 1_000);
    const as = 'rk_alone';
    const path = `/v1/sync/entities/${id}`;
    expectProblem(await call('POST', `${path}/retry`, { as }), 'sync_entity_not_found');
    const choose = { as, body: { side: 'here' } };
    expectProblem(await call('POST', `${path}/choose`, choose), 'sync_entity_not_found');
    await settled('acme');
  });

  it('is found page by page, whichever way it is asked for, and has one side where nothing is linked', async () => {
    const { roles } = await insertMany('many', 25);
    for (const filter of [
      { organization_id: 'many' },
      { organization_id: 'many', state: 'blocked' },
    ]) {
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Page = (
          await ok('listSyncEntities', {
            query: { ...filter, limit: 10, ...(cursor !== '' && { cursor }) },
          })
        ).body;
        expect(page.total).toBe(25);
        ids.push(...page.data.map((one) => one.id));
        cursor = page.next_cursor;
      }
      expect(new Set(ids).size).toBe(25);
      expect(roles).toBe(25);
    }
    const [unlinked = ''] = (
      await ok('listSyncEntities', { query: { organization_id: 'many' } })
    ).body.data.map((one) => one.id);
    const path = `/v1/sync/entities/${unlinked}/choose`;
    const refused = await call('POST', path, { body: { side: 'here' } });
    expectProblem(refused, 'organization_not_linked');
  });

  it('is looked up in the index of those that are open, not among all', async () => {
    const first = ['', '00000000-0000-0000-0000-000000000000'] as const;
    const statement = pageEntitiesStatement({}, { after: first, count: 50 });
    await query(test.db, { text: 'ANALYZE rolecall.sync_entities' });
    const rows = await query<Record<string, string>>(test.db, {
      text: `EXPLAIN ${statement.text}`,
      values: statement.values ?? [],
    });
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('sync_entities_open');
  });
});

type Page = Awaited<ReturnType<typeof ok<'listSyncEntities'>>>['body'];

/** Entities that WorkOS refuses, beside so many that are equal that nobody should read those. */
async function insertMany(id: string, count: number): Promise<{ readonly roles: number }> {
  await buildOrganization(test.db, { id });
  const insert = (from: number, to: number, state: string) =>
    query(test.db, {
      text: `INSERT INTO rolecall.sync_entities (organization_id, kind, subject_id, local_version,
          pushed_version, priority, state, reason, next_attempt_at)
        SELECT $1, 'organization_role', n::text, 1, 1, 1, $4,
          CASE $4 WHEN 'idle' THEN NULL ELSE 'invalid_request' END, NULL
          FROM generate_series($2::int, $3::int) AS n`,
      values: [id, from, to, state],
    });
  await insert(1, count, 'blocked');
  await insert(count + 1, 20_000, 'idle');
  return { roles: count };
}

describe('events', () => {
  it('that are quarantined are listed and replayed', async () => {
    await query(test.db, {
      text: `INSERT INTO rolecall.sync_inbox (event_id, type, happened_at, data, state, reason)
        VALUES ('event_1', 'organization_role.updated', now(), $1, 'quarantined', 'unexpected_answer'),
          ('event_2', 'organization_role.updated', now(), '{}', 'quarantined', 'unexpected_answer')`,
      values: [JSON.stringify({ organization_id: remoteId, slug: 'org-auditor' })],
    });
    const { body } = await ok('listSyncEvents');
    expect(body.data.map(({ id }) => id)).toEqual(['event_1', 'event_2']);
    expect((await ok('replaySyncEvents', { body: {} })).body).toEqual({
      replayed: 1,
      quarantined: 1,
    });
    expect((await ok('listSyncEvents')).body.data).toMatchObject([{ id: 'event_2' }]);
    expect((await ok('listSyncEvents', { query: { state: 'parked' } })).body.data).toEqual([]);
  });
});

describe('the settings', () => {
  it('are changed one by one, and hold at once', async () => {
    const { body: before } = await ok('getSyncSettings');
    expect(before).toMatchObject({ mode: 'adopt', observe_only: false });
    const { body } = await ok('updateSyncSettings', { body: { mode: 'enforce' } });
    expect(body).toEqual({ ...before, mode: 'enforce' });
    const path = '/v1/sync/settings';
    // The last one is larger than an integer of the database.
    for (const [name, value] of [
      ['brake_percent', 101],
      ['retention_days', 0],
      ['brake_count', 2 ** 31],
    ] as const) {
      const wrong = await call('PATCH', path, { body: { [name]: value } });
      expect(expectProblem(wrong, 'invalid_request').problems).toMatchObject([{ path: name }]);
    }
    await ok('updateSyncSettings', { body: { mode: 'adopt' } });
  });
});

describe('a brake', () => {
  it('that holds something back is shown and released', async () => {
    await query(test.db, {
      text: `INSERT INTO rolecall.sync_brakes (organization_id, direction, kind, tripped_at)
        VALUES ('acme', 'to_workos', 'membership_roles', now())`,
    });
    const { body } = await ok('getSyncStatus');
    expect(body.brakes).toMatchObject([{ organization_id: 'acme', direction: 'to_workos' }]);
    const release = (direction?: 'to_workos' | 'from_workos') =>
      ok('releaseSyncBrake', {
        params: { org: 'acme' },
        body: direction === undefined ? {} : { direction },
      });
    expect((await release('from_workos')).body.released).toBe(0);
    expect((await release()).body.released).toBe(1);
    expect((await ok('getSyncStatus')).body.brakes).toEqual([]);
  });
});

describe('the figures', () => {
  it('show what is pending, the calls with their outcome, the budget and the circuit', async () => {
    const { body } = await ok('metrics');
    expect(body).toMatch(/^rolecall_sync_entities\{state="idle"\} \d+$/m);
    expect(body).toMatch(/^rolecall_sync_oldest_pending_seconds \d/m);
    expect(body).toMatch(/^rolecall_sync_drift \d+$/m);
    expect(body).toMatch(/^rolecall_sync_cursor_age_seconds \d/m);
    expect(body).toMatch(
      /^rolecall_workos_call_duration_seconds_count\{call="GET \/events",outcome="ok"\} \d+$/m,
    );
    expect(body).toMatch(
      /^rolecall_workos_call_duration_seconds_count\{call="[^"]+",outcome="unavailable"\} \d+$/m,
    );
    expect(body).toMatch(/^rolecall_workos_budget_left\{limit="user_writes"\} \d+/m);
    expect(body).toMatch(/^rolecall_workos_circuit\{state="closed"\} [01]$/m);
    expect(body).not.toContain('acme');
  });
});

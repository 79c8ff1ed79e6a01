import { inTransaction, query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { lockOrganization } from '../identity/index.ts';
import { appendAudit, type AuditEvent, type AuditFilter, listAuditEvents } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const ACTORS = ['user:ann', 'user:bob', 'api_key:1'];
const ACTIONS = ['role.created', 'role.updated', 'role.deleted'] as const;
let room: Room;

beforeAll(async () => {
  room = await openRoom(test.db);
  for (let index = 0; index < 30; index += 1) {
    const actor = ACTORS[index % 3] ?? '';
    const action = ACTIONS[index % 2] ?? 'role.deleted';
    const entry = { action, subject: `role:${index % 5}`, after: { index } };
    await inTransaction(test.db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      await appendAudit(tx, lock, { actor, requestId: null }, [entry, entry]);
    });
  }
});

async function all(filter: AuditFilter, limit: number): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  let cursor: string | null = null;
  do {
    const page = await listAuditEvents(test.db, room.id, { ...filter, limit, cursor });
    events.push(...page.data);
    cursor = page.nextCursor;
    if (cursor === null) expect([page.total, page.totalIs]).toEqual([events.length, 'exact']);
  } while (cursor !== null);
  return events;
}

describe('the history of an organization', () => {
  it('is shown newest first, without gaps, whatever the page size', async () => {
    const whole = await all({}, 1_000);
    expect(whole.map((event) => event.sequence)).toEqual(
      Array.from({ length: whole.length }, (_, index) => whole.length - index),
    );
    for (const limit of [1, 7, whole.length]) expect(await all({}, limit)).toEqual(whole);
  });

  it('agrees with looking at every event, for any filter', async () => {
    const whole = await all({}, 1_000);
    const instants = fc.constantFrom(...whole.map((event) => event.occurredAt));
    const filters = fc.record({
      actor: fc.option(fc.constantFrom(...ACTORS, 'user:nobody'), { nil: undefined }),
      action: fc.option(fc.constantFrom(...ACTIONS), { nil: undefined }),
      subject: fc.option(fc.constantFrom('role:1', 'role:4'), { nil: undefined }),
      since: fc.option(instants, { nil: undefined }),
      until: fc.option(instants, { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 80 }), async (filter, limit) => {
        const expected = whole.filter((event) => matches(event, filter));
        expect(await all(filter, limit)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('finds what happened long ago in a long history by its time', async () => {
    const [row] = await query<{ readonly first: string }>(test.db, {
      text: `SELECT min(occurred_at) AS first FROM rolecall.audit_events WHERE organization_id = $1`,
      values: [room.id],
    });
    expect(await all({ until: row?.first ?? '' }, 10)).toEqual([]);
    expect((await all({ since: '2020-01-01T00:00:00Z' }, 1_000)).length).toBeGreaterThan(60);
    expect(await all({ since: '2999-01-01T00:00:00+02:00' }, 10)).toEqual([]);
  });

  it.each([
    ['a time that is none', { since: 'yesterday' }],
    ['a year that no database has', { until: '+275760-09-13T00:00:00Z' }],
    ['a limit of nothing', { limit: 0 }],
    ['a cursor that is none', { cursor: 'x' }],
  ])('refuses %s', async (_, page) => {
    await expect(listAuditEvents(test.db, room.id, page)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('is not known of an organization that is not there', async () => {
    await expect(listAuditEvents(test.db, 'nowhere', {})).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });

  it.each(['UPDATE rolecall.audit_events SET actor = $$x$$', 'DELETE FROM rolecall.audit_events'])(
    'cannot be changed: %s',
    async (text) => {
      await expect(query(test.db, { text })).rejects.toThrow('is refused on audit_events');
    },
  );
});

function matches(
  event: AuditEvent,
  { actor, action, subject, since, until }: AuditFilter,
): boolean {
  return (
    (actor === undefined || event.actor === actor) &&
    (action === undefined || event.action === action) &&
    (subject === undefined || event.subject === subject) &&
    (since === undefined || event.occurredAt >= since) &&
    (until === undefined || event.occurredAt < until)
  );
}

import { builtinPolicy, compileGrants, type Decision } from '@rolecall/policy';
import { openDatabase, query } from '@rolecall/server/database';
import { buildOrganization, createTestDatabase, fakeClock } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startPostgresProxy } from '../access/fixtures/postgres-proxy.ts';
import { type RecordedHandle } from '../access/index.ts';
import { bucketKey } from './bucket.ts';
import { DecisionLog, type DecisionLogOptions, listDecisions } from './index.ts';
import { Notes } from './notes.ts';

const test = await createTestDatabase();
const open: DecisionLog[] = [];
afterEach(async () => {
  for (const log of open.splice(0)) await log.close();
});
afterAll(() => test.close());

function openLog(options: Partial<DecisionLogOptions> = {}): DecisionLog {
  const log = new DecisionLog({ db: test.db, ...options });
  open.push(log);
  return log;
}

/** A handle that holds one grant. */
function handleOf(organizationId: string, principal = 'user:ann'): RecordedHandle {
  const selector = { resource_kind: 'project', resource_id: 'mine' };
  const grant = { principal, scope: 'project:read', effect: 'allow', selector } as const;
  const grants = compileGrants(builtinPolicy, [grant]);
  return {
    organizationId,
    principal,
    revision: `1 of ${organizationId}`,
    answerOf: (check) => grants.decide(check as { scope: 'project:read'; resource_id: string }),
  };
}

function allows(): Decision {
  return { allowed: true, reason: 'grant_matched', matched: [], denied_by: [], undetermined: [] };
}

async function groups(organizationId: string) {
  const { data } = await listDecisions(test.db, organizationId, { limit: 1_000 });
  return data.map(({ outcome, principal, scope, resourceId, dimensions, reason, count }) => ({
    asked: `${principal} ${scope} ${resourceId}`,
    ...(Object.keys(dimensions).length > 0 && { dimensions }),
    outcome,
    reason,
    count,
  }));
}

describe('the log of decisions', () => {
  it('counts the same question once, with how often it was asked and why it was denied', async () => {
    const { id } = await buildOrganization(test.db);
    const log = openLog();
    const handle = handleOf(id);
    for (let n = 0; n < 3; n += 1) log.denied(handle, 'project:read', 'theirs', undefined);
    log.denied(handle, 'mcp:read', 'crm', { tool: 'search' });
    await log.flush();
    log.denied(handle, 'project:read', 'theirs', undefined);
    await log.flush();
    expect(await groups(id)).toEqual(
      expect.arrayContaining([
        {
          asked: 'user:ann project:read theirs',
          outcome: 'denied',
          reason: 'scope_unsatisfied',
          count: 4,
        },
        {
          asked: 'user:ann mcp:read crm',
          dimensions: { tool: 'search' },
          outcome: 'denied',
          reason: 'scope_unsatisfied',
          count: 1,
        },
      ]),
    );
    expect(log.report()).toMatchObject({ waiting: 0, written: 5, dropped: 0 });
  });

  it('tells apart what the same question was answered before and after a change', async () => {
    const { id } = await buildOrganization(test.db);
    const log = openLog();
    const before = handleOf(id);
    const after: RecordedHandle = { ...before, revision: `2 of ${id}`, answerOf: allows };
    for (const handle of [before, after, before, after, after]) {
      log.denied(handle, 'project:read', 'theirs', undefined);
    }
    await log.flush();
    expect(await groups(id)).toMatchObject([
      { outcome: 'allowed', reason: 'grant_matched', count: 3 },
      { outcome: 'denied', reason: 'scope_unsatisfied', count: 2 },
    ]);
  });

  it('INVARIANT (a log never blocks): loses none of a burst within its bound, and counts what is beyond', async () => {
    const { id } = await buildOrganization(test.db);
    const log = openLog({ capacity: 100_000 });
    const handle = handleOf(id);
    for (let n = 0; n < 100_000; n += 1)
      log.denied(handle, 'project:read', `p${n % 1_000}`, undefined);
    expect(log.report()).toMatchObject({ waiting: 100_000, dropped: 0 });
    for (let n = 0; n < 500; n += 1) log.denied(handle, 'project:read', 'late', undefined);
    await log.flush();
    expect(log.report()).toMatchObject({ waiting: 0, written: 100_000, dropped: 500 });
    const [sums] = await query<{ readonly rows: number; readonly asked: number }>(test.db, {
      text: `SELECT count(*) AS rows, sum(count)::bigint AS asked FROM rolecall.decision_buckets
        WHERE organization_id = $1`,
      values: [id],
    });
    expect(sums).toEqual({ rows: 1_000, asked: 100_000 });
  });

  it('notes a share of what is allowed, and denials whatever the share', async () => {
    const { id } = await buildOrganization(test.db);
    await query(test.db, {
      text: 'UPDATE rolecall.decision_settings SET allow_sample_rate = 0.25',
    });
    const draws = [0.1, 0.3, 0.2, 0.9];
    let drawn = 0;
    const log = openLog({ random: () => draws[drawn++ % draws.length] ?? 0 });
    const handle = handleOf(id);
    log.allowed(handle, 'project:read', 'mine', undefined);
    await log.flush();
    for (let n = 0; n < 8; n += 1) log.allowed(handle, 'project:read', 'mine', undefined);
    log.denied(handle, 'project:read', 'theirs', undefined);
    await log.flush();
    expect(await groups(id)).toMatchObject([
      { outcome: 'allowed', count: 4 },
      { outcome: 'denied', count: 1 },
    ]);
    await query(test.db, { text: 'UPDATE rolecall.decision_settings SET allow_sample_rate = 0' });
  });

  it('keeps what it cannot write while the database is away, and writes it afterwards', async () => {
    const { id } = await buildOrganization(test.db);
    const proxy = await startPostgresProxy(test.url);
    const database = openDatabase({ url: proxy.url, maxConnections: 1 });
    const failures: unknown[] = [];
    const log = openLog({ db: database.db, failed: (error) => failures.push(error) });
    const handle = handleOf(id);
    proxy.cut();
    log.denied(handle, 'project:read', 'theirs', undefined);
    await log.flush();
    expect(failures).not.toEqual([]);
    expect(log.report()).toMatchObject({ waiting: 1, written: 0, dropped: 0 });
    proxy.mend();
    await expect
      .poll(async () => {
        await log.flush();
        return log.report();
      })
      .toMatchObject({ waiting: 0, written: 1, dropped: 0 });
    await log.close();
    await database.close();
    await proxy.close();
    expect(await groups(id)).toMatchObject([{ count: 1 }]);
  });

  it('drops and counts what the database refuses, and goes on with the rest', async () => {
    const { id } = await buildOrganization(test.db);
    const log = openLog({ failed: () => undefined });
    for (let n = 0; n < 2_500; n += 1) {
      log.denied(handleOf('nowhere'), 'project:read', `p${n}`, undefined);
    }
    log.denied(handleOf(id), 'project:read', 'theirs', undefined);
    await log.flush();
    expect(log.report()).toMatchObject({ waiting: 0, written: 1, dropped: 2_500 });
    expect(await groups(id)).toMatchObject([{ count: 1 }]);
  });

  it('forgets whole days when they are over for longer than they are kept', async () => {
    const { id } = await buildOrganization(test.db);
    const clock = fakeClock(new Date(Date.now() - 40 * 86_400_000));
    const now = (): number => clock.now().getTime();
    const log = openLog({ now });
    log.denied(handleOf(id), 'project:read', 'old', undefined);
    await log.flush();
    expect(await groups(id)).toMatchObject([{ asked: 'user:ann project:read old' }]);
    clock.advance(40 * 86_400_000);
    await log.flush();
    log.denied(handleOf(id), 'project:read', 'new', undefined);
    await log.flush();
    expect(await groups(id)).toMatchObject([{ asked: 'user:ann project:read new' }]);
  });

  it('writes what waits when it is closed, and notes nothing afterwards', async () => {
    const { id } = await buildOrganization(test.db);
    const log = openLog();
    log.denied(handleOf(id), 'project:read', 'theirs', undefined);
    await log.close();
    expect(await groups(id)).toMatchObject([{ count: 1 }]);
  });
});

describe('the list of decisions', () => {
  it('is filtered, and read in pages that together are everything', async () => {
    const { id } = await buildOrganization(test.db);
    const { id: other } = await buildOrganization(test.db);
    const log = openLog();
    for (let n = 0; n < 25; n += 1) {
      log.denied(handleOf(id, `user:u${n % 5}`), 'project:read', `p${n}`, undefined);
    }
    log.denied(handleOf(other), 'project:read', 'p1', undefined);
    await log.flush();
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const page = await listDecisions(test.db, id, { limit: 10, cursor });
      expect(page).toMatchObject({ total: 25, totalIs: 'exact' });
      for (const { resourceId } of page.data) seen.add(resourceId);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.size).toBe(25);
    const of = (filter: object) =>
      listDecisions(test.db, id, { ...filter }).then(({ total }) => total);
    expect(await of({ principal: 'user:u1' })).toBe(5);
    expect(await of({ resourceId: 'p7' })).toBe(1);
    expect(await of({ scope: 'project:write' })).toBe(0);
    expect(await of({ outcome: 'allowed' })).toBe(0);
    expect(await of({ until: '2020-01-01' })).toBe(0);
    expect(await of({ since: '2020-01-01' })).toBe(25);
  });

  it('refuses a day that is none, a foreign cursor, and an organization that is not there', async () => {
    const { id } = await buildOrganization(test.db);
    await expect(listDecisions(test.db, id, { since: '2026-02-30' })).rejects.toMatchObject({
      code: 'invalid_request',
      details: { problems: [{ path: 'since' }] },
    });
    const cursor = Buffer.from('["decisions","denied","xyz"]').toString('base64url');
    await expect(listDecisions(test.db, id, { cursor })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(listDecisions(test.db, 'nowhere', {})).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });
});

describe('the key of a question', () => {
  it('does not depend on the order of dimensions, and differs where the question does', () => {
    const text = fc.string({ maxLength: 5 });
    const question = fc.record({ p: text, s: text, r: text, d: fc.dictionary(text, text) });
    const keyOf = ({
      p,
      s,
      r,
      d,
    }: {
      p: string;
      s: string;
      r: string;
      d: Record<string, string>;
    }) => bucketKey(p, s, r, d);
    fc.assert(
      fc.property(question, question, (one, other) => {
        const turned = Object.fromEntries(Object.entries(one.d).reverse());
        expect(keyOf({ ...one, d: turned })).toBe(keyOf(one));
        const sorted = (d: Record<string, string>) =>
          Object.entries(d).sort(([a], [b]) => (a < b ? -1 : 1));
        const same =
          JSON.stringify([one.p, one.s, one.r, sorted(one.d)]) ===
          JSON.stringify([other.p, other.s, other.r, sorted(other.d)]);
        expect(keyOf(one) === keyOf(other)).toBe(same);
      }),
    );
  });
});

describe('notes', () => {
  const handleStub = handleOf('any');

  it('come out as they went in, whatever is added and dropped in between', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 6_000 }) }),
      fc.record({ drop: fc.integer({ min: 0, max: 9_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const notes = new Notes(10_000, 0);
        const model: string[] = [];
        let next = 0;
        for (const one of steps) {
          if ('add' in one) {
            for (let n = 0; n < one.add; n += 1, next += 1) {
              const fits = notes.add(handleStub, 'project:read', `p${next}`, undefined);
              if (fits !== model.length < 10_000) throw new Error('the bound is another one');
              if (fits) model.push(`p${next}`);
            }
          } else {
            notes.drop(one.drop);
            model.splice(0, one.drop);
          }
          expect(notes.size).toBe(model.length);
          expect(notes.peek(50).map(({ resourceId }) => resourceId)).toEqual(model.slice(0, 50));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keep the dimensions as they were when the answer was given', () => {
    const notes = new Notes(10, 0);
    const dimensions = { tool: 'search' };
    notes.add(handleStub, 'mcp:read', 'crm', dimensions);
    dimensions.tool = 'delete';
    expect(notes.peek(1)[0]?.dimensions).toEqual({ tool: 'search' });
  });
});

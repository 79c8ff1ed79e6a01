import { setTimeout as sleep } from 'node:timers/promises';
import { buildApiKey, buildOrganization, createTestDatabase } from '@rolecall/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { query } from '../../database/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import { writeDeciding } from '../fixtures/deciding-write.ts';
import { type PostgresProxy, startPostgresProxy } from '../fixtures/postgres-proxy.ts';
import { type ChangeRow } from './changes-store.ts';
import { Freshness } from './freshness.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const clean: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of clean.splice(0).reverse()) await one();
});

async function setUp(
  settings: {
    readonly boundMs?: number;
    readonly pollIntervalMs?: number;
    readonly clock?: Clock;
  } = {},
) {
  const proxy: PostgresProxy = await startPostgresProxy(test.url);
  const keys: string[] = [];
  const told: (readonly ChangeRow[] | 'reset')[] = [];
  const memory = {
    apply: (changes: readonly ChangeRow[]) => {
      if (changes.length > 0) told.push(changes);
    },
    announce: (change: ChangeRow) => change.revision < 0,
    forgetKeys: (ids: readonly string[]) => {
      keys.push(...ids);
    },
    reset: () => {
      told.push('reset');
    },
  };
  const database = { ...test.database, url: proxy.url };
  const { boundMs = 10_000, pollIntervalMs = 5_000, clock = systemClock } = settings;
  const freshness = new Freshness({ database, clock, boundMs, pollIntervalMs }, memory);
  clean.push(
    () => proxy.close(),
    () => freshness.close(),
  );
  const { id } = await buildOrganization(test.db);
  const write = (announced = true) =>
    writeDeciding(test.db, {
      organizationId: id,
      what: {},
      work: () => Promise.resolve(),
      announced,
    });
  return { proxy, freshness, told, keys, write, memory };
}

describe('freshness', () => {
  it('is not confirmed before the first poll, and forgets what was known before it', async () => {
    const { freshness, told } = await setUp();
    expect(freshness.isConfirmed()).toBe(false);
    expect(freshness.report()).toMatchObject({ confirmed: false, stalenessMs: null, polls: 0 });
    await freshness.start();
    expect(freshness.isConfirmed()).toBe(true);
    expect(told).toEqual(['reset']);
  });

  it('passes changes on as soon as they are announced', async () => {
    const { freshness, told, write } = await setUp();
    await freshness.start();
    await write();
    await expect.poll(() => told, { interval: 2 }).toMatchObject(['reset', [{ revision: 1 }]]);
    await write();
    await expect.poll(() => told.length, { interval: 2 }).toBe(3);
  });

  it('passes changes of API keys on, whoever makes them and whether a command does', async () => {
    const { freshness, keys, told } = await setUp();
    const key = await buildApiKey(test.db);
    await freshness.start();
    await query(test.db, {
      text: `UPDATE rolecall.api_keys SET name = 'another' WHERE id = $1`,
      values: [key.id],
    });
    await expect.poll(() => keys, { interval: 2 }).toEqual([key.id]);
    await query(test.db, { text: 'DELETE FROM rolecall.api_keys WHERE id = $1', values: [key.id] });
    await expect.poll(() => keys, { interval: 2 }).toEqual([key.id, key.id]);
    expect(told).toEqual(['reset']);
  });

  it('takes in what an announcement says, and polls only when that is not enough', async () => {
    const { freshness, told, write, memory } = await setUp();
    await freshness.start();
    const { polls, stalenessMs: age } = freshness.report();
    const taken: ChangeRow[] = [];
    memory.announce = (change) => taken.push(change) > 0;
    await write();
    await write();
    // Each is sent behind its commit, and two commits of two connections have no order there.
    await expect
      .poll(() => taken.toSorted((one, other) => one.revision - other.revision), { interval: 2 })
      .toMatchObject([
        { revision: 1, what: {} },
        { revision: 2, what: {} },
      ]);
    expect(freshness.report().polls).toBe(polls);
    // Nothing but a poll knows that nothing was missed.
    expect(freshness.report().stalenessMs).toBeGreaterThan(age ?? 0);
    memory.announce = () => false;
    await write();
    const rows = [{ revision: 1 }, { revision: 2 }, { revision: 3 }];
    await expect.poll(() => told, { interval: 2 }).toMatchObject(['reset', rows]);
  });

  it('makes few polls of many announcements', async () => {
    const { freshness, write } = await setUp();
    await freshness.start();
    const { polls } = freshness.report();
    const begun = performance.now();
    for (let n = 0; n < 100; n += 1) await write();
    await sleep(20);
    const most = (performance.now() - begun) / 2;
    expect(freshness.report().polls - polls).toBeLessThanOrEqual(Math.min(200, most));
  });

  it('finds what is never announced', async () => {
    const { freshness, told, write } = await setUp({ pollIntervalMs: 30 });
    await freshness.start();
    await write(false);
    await expect.poll(() => told).toMatchObject(['reset', [{ revision: 1 }]]);
  });

  it('comes back when its connection is cut, misses nothing, and listens again', async () => {
    const { freshness, told, write, proxy } = await setUp();
    await freshness.start();
    proxy.cut();
    await expect.poll(() => freshness.report().notifications, { interval: 5 }).toBe('polling');
    expect(freshness.report().notice).toBe('the connection for changes is not established');
    await write();
    proxy.mend();
    await expect.poll(() => told, { timeout: 3_000 }).toMatchObject(['reset', [{ revision: 1 }]]);
    await expect.poll(() => freshness.report().notifications).toBe('listening');
    await write();
    await expect.poll(() => told.length, { interval: 2 }).toBe(3);
    expect(freshness.report().failedPolls).toBeGreaterThan(0);
  });

  it('brings again what could not be taken in, and does not confirm it before', async () => {
    let now = 0;
    const clock = { monotonicMs: () => now, wallMs: () => now };
    const { freshness, told, write, memory } = await setUp({ pollIntervalMs: 20, clock });
    await freshness.start();
    expect(freshness.report().stalenessMs).toBe(0);
    const { apply } = memory;
    let refused = 0;
    memory.apply = () => {
      refused += 1;
      throw new Error('not now');
    };
    now = 500;
    await write();
    // The second refusal is of a poll that was sent after the first had ended.
    await expect.poll(() => refused, { interval: 5 }).toBeGreaterThan(1);
    expect(freshness.report().stalenessMs).toBe(500);
    memory.apply = apply;
    await expect.poll(() => told).toMatchObject(['reset', [{ revision: 1 }]]);
    await expect.poll(() => freshness.report().stalenessMs).toBe(0);
  });

  it('counts its age from when the poll was sent, however late the answer is', async () => {
    const { freshness, proxy } = await setUp({ boundMs: 1_500, pollIntervalMs: 20 });
    await freshness.start();
    proxy.stall();
    await sleep(100); // a poll is on its way, and waits in the proxy
    const { polls } = freshness.report();
    await sleep(400);
    proxy.mend();
    await expect.poll(() => freshness.report().polls > polls, { interval: 0 }).toBe(true);
    const { stalenessMs } = freshness.report();
    expect(stalenessMs).toBeGreaterThan(390);
  });

  it('forgets everything when it meets another history, or an older one', async () => {
    const { freshness, told } = await setUp({ pollIntervalMs: 20 });
    await freshness.start();
    await query(test.db, { text: 'UPDATE rolecall.environment SET epoch = gen_random_uuid()' });
    await expect.poll(() => told).toEqual(['reset', 'reset']);
  });

  it('begins without a database, and is confirmed when there is one', async () => {
    const { freshness, proxy } = await setUp();
    proxy.cut();
    await freshness.start();
    expect(freshness.isConfirmed()).toBe(false);
    proxy.mend();
    await expect.poll(() => freshness.isConfirmed(), { timeout: 3_000 }).toBe(true);
  });

  it('ends at once, whatever it is doing', async () => {
    for (const trouble of ['none', 'cut', 'stall', 'stalled from the start'] as const) {
      const { freshness, proxy } = await setUp();
      if (trouble === 'stalled from the start') {
        proxy.stall();
        void freshness.start();
        await sleep(50);
      } else {
        await freshness.start();
        if (trouble !== 'none') proxy[trouble]();
      }
      const begun = performance.now();
      await freshness.close();
      expect(performance.now() - begun).toBeLessThan(1_000);
    }
  });
});

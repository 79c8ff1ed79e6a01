import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { query } from '../database/index.ts';
import { pauseCalls, type Reservation, reserveCalls } from './budget-store.ts';
import { openCircuit, readGate } from './circuit-store.ts';
import { type CallClass } from './call.ts';
import { type Bucket, type Buckets, type Lane } from './limits.ts';

const test = await createTestDatabase({ maxConnections: 8 });
const { db } = test;
afterAll(() => test.close());

/** Refills so slowly that time plays no part. */
const still = (burst: number, reserve = 0): Bucket => ({ burst, perSecond: 1e-6, reserve });
const buckets: Buckets = {
  all: still(100, 20),
  userReads: still(30, 10),
  userWrites: still(10, 5),
};

beforeEach(async () => {
  await query(db, { text: 'DELETE FROM rolecall.workos_gate' });
  await query(db, { text: 'INSERT INTO rolecall.workos_gate DEFAULT VALUES' });
});

const reserve = (
  callClass: CallClass,
  wanted: number,
  lane: Lane = 'ordinary',
  from: Buckets = buckets,
): Promise<Reservation> => reserveCalls(db, from, { callClass, wanted, lane });

describe('reserveCalls', () => {
  it('grants what is wanted while there is enough', async () => {
    expect(await reserve('other', 7)).toEqual({ state: 'granted', granted: 7, term: 1, waitMs: 0 });
  });

  it('counts a call about users in its own bucket and in that of all calls', async () => {
    await reserve('user_reads', 3);
    await reserve('user_writes', 2);
    await reserve('other', 1);
    const { left } = await readGate(db, buckets);
    expect(left.all).toBeCloseTo(94, 3);
    expect(left.userReads).toBeCloseTo(27, 3);
    expect(left.userWrites).toBeCloseTo(8, 3);
  });

  it('grants what is left, and says how long the next one takes', async () => {
    const slow = { ...buckets, userWrites: { burst: 10, perSecond: 2, reserve: 0 } };
    expect(await reserve('user_writes', 25, 'ordinary', slow)).toMatchObject({ granted: 10 });
    const short = await reserve('user_writes', 1, 'ordinary', slow);
    expect(short).toMatchObject({ state: 'short', granted: 0 });
    expect(short.waitMs).toBeGreaterThan(200);
    expect(short.waitMs).toBeLessThanOrEqual(500);
  });

  it('leaves the reserve of either bucket to revocations', async () => {
    expect(await reserve('user_writes', 25)).toMatchObject({ granted: 5 });
    expect(await reserve('user_writes', 25)).toMatchObject({ state: 'short' });
    expect(await reserve('user_writes', 25, 'revocation')).toMatchObject({ granted: 5 });
    expect(await reserve('other', 200)).toMatchObject({ granted: 70 });
    expect(await reserve('other', 200)).toMatchObject({ state: 'short' });
    expect(await reserve('other', 200, 'revocation')).toMatchObject({ granted: 20 });
  });

  it('grants nothing to anybody while calls are paused, and something afterwards', async () => {
    await pauseCalls(db, 300);
    await pauseCalls(db, 5); // the longer pause counts
    const paused = await reserve('other', 1, 'revocation');
    expect(paused).toMatchObject({ state: 'paused', granted: 0 });
    expect(paused.waitMs).toBeGreaterThan(100);
    expect(paused.waitMs).toBeLessThanOrEqual(300);
    await query(db, {
      text: `UPDATE rolecall.workos_gate SET paused_until = paused_until - interval '1 s'`,
    });
    expect(await reserve('other', 1)).toMatchObject({ granted: 1 });
  });

  it('grants nothing while the circuit is not closed', async () => {
    await openCircuit(db, 1, 1_000);
    expect(await reserve('other', 1, 'revocation')).toMatchObject({ state: 'open', granted: 0 });
  });

  it('fills up with time, but not beyond the brim', async () => {
    const quick = { ...buckets, userWrites: { burst: 10, perSecond: 1_000, reserve: 0 } };
    await reserve('user_writes', 10, 'ordinary', quick);
    await query(db, {
      text: `UPDATE rolecall.workos_gate SET refilled_at = refilled_at - interval '1 minute'`,
    });
    expect(await reserve('user_writes', 99, 'ordinary', quick)).toMatchObject({ granted: 10 });
  });

  it('takes nothing away when the clock of the database goes back', async () => {
    await query(db, {
      text: `UPDATE rolecall.workos_gate SET refilled_at = refilled_at + interval '1 minute'`,
    });
    expect(await reserve('other', 80)).toMatchObject({ granted: 80 });
  });

  it('never grants more than there is, however many ask at once', async () => {
    const rate = 200;
    const busy = { ...buckets, all: { burst: 50, perSecond: rate, reserve: 0 } };
    const began = performance.now();
    let granted = 0;
    const worker = async (): Promise<void> => {
      for (let turn = 0; turn < 60; turn += 1) {
        const reservation = await reserve('other', 1 + (turn % 5), 'ordinary', busy);
        granted += reservation.granted;
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    const seconds = (performance.now() - began) / 1_000;
    expect(granted).toBeGreaterThan(50);
    expect(granted).toBeLessThanOrEqual(50 + rate * seconds + 1);
  });
});

import { fakeClock } from '@rolecall/testkit';
import { describe, expect, it } from 'vitest';
import { CallBudget, type BudgetRequest } from './budget.ts';
import { type Reservation } from './budget-store.ts';
import { type Lane } from './limits.ts';

interface Asked {
  readonly lane: Lane;
  readonly wanted: number;
}

/** A budget whose answers are given one after the other, and then everything that is wanted. */
function setUp(...answers: readonly (Partial<Reservation> | Error)[]) {
  const clock = fakeClock();
  const asked: Asked[] = [];
  const left = [...answers];
  const budget = new CallBudget({
    monotonic: clock.monotonic,
    random: () => 0,
    reserve: async (_, lane, wanted) => {
      asked.push({ lane, wanted });
      await Promise.resolve();
      const answer = left.shift() ?? { granted: wanted };
      if (answer instanceof Error) throw answer;
      return { state: 'granted', granted: 0, term: 1, waitMs: 0, ...answer };
    },
  });
  const take = (more: Partial<BudgetRequest> = {}): Promise<number> =>
    budget.take({
      call: 'GET /x',
      callClass: 'other',
      lane: 'ordinary',
      waitMs: 1_000,
      ...more,
    });
  return { budget, clock, asked, take };
}

describe('CallBudget', () => {
  it('asks for more at once the faster what it has is used up', async () => {
    const { asked, take } = setUp();
    for (let turn = 0; turn < 60; turn += 1) await take();
    expect(asked.map((ask) => ask.wanted)).toEqual([1, 2, 4, 8, 16, 25, 25]);
  });

  it('asks for as many as wait', async () => {
    const { asked, take } = setUp();
    await Promise.all(Array.from({ length: 12 }, () => take()));
    expect(asked.map((ask) => ask.wanted)).toEqual([1, 11]);
  });

  it('forgets after a second what it has not used, and asks for less', async () => {
    const { asked, clock, take } = setUp({ granted: 5 }, { granted: 5 });
    await take();
    clock.advance(999);
    await take();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await take();
    expect(asked).toHaveLength(2);
  });

  it('forgets everything when it is dropped', async () => {
    const { budget, asked, take } = setUp({ granted: 5 });
    await take();
    budget.drop();
    await take();
    expect(asked).toHaveLength(2);
  });

  it('gives a revocation what was reserved for others, and not the other way round', async () => {
    const { asked, take } = setUp({ granted: 3 }, { granted: 3 });
    await take();
    await take({ lane: 'revocation' });
    await take();
    await take({ lane: 'revocation' });
    await take();
    expect(asked.map((ask) => ask.lane)).toEqual(['ordinary', 'revocation', 'ordinary']);
  });

  it('does not let a revocation wait behind other calls', async () => {
    const short = { state: 'short', waitMs: 60_000 } as const;
    const { take } = setUp({ ...short, waitMs: 200 });
    const waiting = take({ waitMs: 60_000 });
    expect(await take({ lane: 'revocation' })).toBe(1);
    await waiting;
  });

  it('serves in the order of asking', async () => {
    const { take } = setUp({ granted: 1 }, { granted: 1, term: 2 }, { granted: 1, term: 3 });
    expect(await Promise.all([take(), take(), take()])).toEqual([1, 2, 3]);
  });

  it.each([
    ['short', 'throttled', 'budget_exhausted'],
    ['paused', 'throttled', 'paused'],
    ['open', 'unavailable', 'circuit_open'],
    ['refused', 'unauthorized', 'key_stopped'],
  ] as const)(
    'refuses when the answer is `%s` for longer than allowed',
    async (state, kind, code) => {
      const { take } = setUp({ state, waitMs: 1_001 });
      await expect(take()).rejects.toMatchObject({
        kind,
        code,
        ambiguous: false,
        retryAfterMs: 1_001,
      });
    },
  );

  it('waits when there will be room in time', async () => {
    const { asked, take } = setUp({ state: 'short', waitMs: 20 }, { state: 'short', waitMs: 20 });
    await take();
    expect(asked).toHaveLength(3);
  });

  it('tells everybody who waits that the database is away, and tries again for the next', async () => {
    const away = new Error('away');
    const { take } = setUp({ granted: 1 }, away);
    const [first, second, third] = await Promise.allSettled([take(), take(), take()]);
    expect(first.status).toBe('fulfilled');
    expect([second, third]).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    expect(await take()).toBe(1);
  });

  it('refuses what waits and what comes once it is closed', async () => {
    const { budget, take } = setUp({ state: 'short', waitMs: 500 });
    const waiting = take();
    await Promise.resolve();
    budget.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed', ambiguous: false });
    await expect(take()).rejects.toMatchObject({ code: 'closed' });
  });
});

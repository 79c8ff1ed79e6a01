import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketsFor, documentedLimits } from './limits.ts';

it('INVARIANT (budget): a bucket never grants more in one window and its drift than its share', () => {
  const limit = fc.record({
    calls: fc.integer({ min: 1, max: 100_000 }),
    windowMs: fc.integer({ min: 1_000, max: 600_000 }),
  });
  fc.assert(
    fc.property(limit, fc.double({ min: 0.05, max: 1, noNaN: true }), (all, share) => {
      fc.pre(all.calls * share >= 1);
      const bucket = bucketsFor({ ...documentedLimits, all }, share).all;
      const most = bucket.burst + (bucket.perSecond * (all.windowMs + 2_000)) / 1_000;
      expect(most).toBeLessThanOrEqual(all.calls * share + 1e-6);
      expect(bucket.perSecond).toBeGreaterThanOrEqual(0);
      expect(bucket.reserve).toBeLessThan(bucket.burst);
    }),
  );
});

it('keeps a part of every documented bucket for revocations', () => {
  const { all, userReads, userWrites } = bucketsFor(documentedLimits, 0.8);
  expect([all.reserve, userReads.reserve, userWrites.reserve]).toEqual([120, 20, 10]);
});

it.each([0, -1, 1.1, Number.NaN])('refuses the share %d', (share) => {
  expect(() => bucketsFor(documentedLimits, share)).toThrow(RangeError);
});

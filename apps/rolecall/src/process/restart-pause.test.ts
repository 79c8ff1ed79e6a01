import fc from 'fast-check';
import { expect, it } from 'vitest';
import { restartPauseMs } from './restart-pause.ts';

it('replaces the first worker that ends after a tenth of a second', () => {
  expect(restartPauseMs(0)).toBe(100);
});

it('doubles the pause with each worker that ends soon, up to half a minute', () => {
  expect([1, 2, 3, 8, 9].map(restartPauseMs)).toEqual([200, 400, 800, 25_600, 30_000]);
});

it('PROPERTY (bounded pause): never waits less than before, nor longer than half a minute', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000 }), (endedSoon) => {
      const pause = restartPauseMs(endedSoon);
      expect(pause).toBeLessThanOrEqual(restartPauseMs(endedSoon + 1));
      expect(restartPauseMs(endedSoon + 1)).toBeLessThanOrEqual(30_000);
    }),
  );
});

import { describe, expect, test } from 'vitest';
import { createManualClock } from './clock.ts';
import { createRateLimiter, DOCUMENTED_RATE_LIMITS, type RateLimiter } from './rate-limit.ts';

const READ = { method: 'GET', path: '/user_management/users', apiKey: 'sk_1' };
const WRITE = { method: 'PUT', path: '/user_management/users/user_1', apiKey: 'sk_1' };
const ROLE = { method: 'GET', path: '/authorization/roles', apiKey: 'sk_1' };

function admitted(limiter: RateLimiter, request: typeof READ, tries: number): number {
  let count = 0;
  for (let index = 0; index < tries; index += 1) if (limiter.admit(request) === null) count += 1;
  return count;
}

describe('the documented limits', () => {
  test('let 1,000 reads and 500 writes of user management through in 10 seconds', () => {
    const limiter = createRateLimiter(DOCUMENTED_RATE_LIMITS, () => 0);
    expect(admitted(limiter, READ, 2_000)).toBe(1_000);
    expect(admitted(limiter, WRITE, 2_000)).toBe(500);
  });

  test('let 6,000 requests of a key through in 60 seconds, and as many of another key', () => {
    const limiter = createRateLimiter(DOCUMENTED_RATE_LIMITS, () => 0);
    expect(admitted(limiter, ROLE, 7_000)).toBe(6_000);
    expect(admitted(limiter, { ...ROLE, apiKey: 'sk_2' }, 7_000)).toBe(6_000);
  });

  test('count user management for the environment, whatever the key', () => {
    const limiter = createRateLimiter(DOCUMENTED_RATE_LIMITS, () => 0);
    admitted(limiter, WRITE, 400);
    expect(admitted(limiter, { ...WRITE, apiKey: 'sk_2' }, 400)).toBe(100);
  });

  test('let 50 organizations be deleted in a minute', () => {
    const limiter = createRateLimiter(DOCUMENTED_RATE_LIMITS, () => 0);
    const request = { method: 'DELETE', path: '/organizations/org_1', apiKey: 'sk_1' };
    expect(admitted(limiter, request, 60)).toBe(50);
  });
});

test('never admits more than the limit in any window, and frees a place as it slides', async () => {
  const clock = createManualClock(0);
  const limiter = createRateLimiter(
    [{ name: 'ten', limit: 10, windowMs: 1_000, per: 'environment', applies: () => true }],
    clock.now,
  );
  const times: number[] = [];
  for (let step = 0; step < 300; step += 1) {
    if (limiter.admit(READ) === null) times.push(clock.now());
    await clock.advance(37);
  }
  for (const time of times) {
    const window = times.filter((other) => other >= time && other < time + 1_000);
    expect(window.length).toBeLessThanOrEqual(10);
  }
  expect(times.length).toBeGreaterThan(100);
  expect(limiter.usage()[0]?.peak).toBe(10);
});

test('says after how many seconds to come back, and means it', async () => {
  const clock = createManualClock(0);
  const limiter = createRateLimiter(
    [{ name: 'one', limit: 1, windowMs: 2_500, per: 'environment', applies: () => true }],
    clock.now,
  );
  limiter.admit(READ);
  await clock.advance(100);
  expect(limiter.admit(READ)).toBe(3);
  await clock.advance(3_000);
  expect(limiter.admit(READ)).toBeNull();
  expect(limiter.usage()[0]).toMatchObject({ admitted: 2, rejected: 1 });
});

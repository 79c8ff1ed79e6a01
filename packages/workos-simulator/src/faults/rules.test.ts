import { describe, expect, test } from 'vitest';
import { CHAOS_FAULTS, chaosRules } from './chaos.ts';
import type { Fault } from './fault.ts';
import { FaultRules } from './rules.ts';

const DROP: Fault = { kind: 'drop' };
const HANG: Fault = { kind: 'hang' };

describe('a rule', () => {
  test('strikes what its method and path match, and nothing else', () => {
    const rules = new FaultRules('seed');
    rules.add({ match: { method: 'PUT', path: '/organizations/*' }, fault: DROP });
    expect(rules.strike('PUT', '/organizations/org_1')).toEqual(DROP);
    expect(rules.strike('GET', '/organizations/org_1')).toBeNull();
    expect(rules.strike('PUT', '/organizations')).toBeNull();
  });

  test('strikes the nth matching requests', () => {
    const rules = new FaultRules('seed');
    rules.add({ match: { path: '/events' }, nth: [2, 4], fault: DROP });
    const met = [1, 2, 3, 4, 5].map(() => rules.strike('GET', '/events') !== null);
    expect(met).toEqual([false, true, false, true, false]);
  });

  test('strikes as often as it may and no more', () => {
    const rules = new FaultRules('seed');
    rules.add({ times: 2, fault: DROP });
    const met = [1, 2, 3].map(() => rules.strike('GET', '/events') !== null);
    expect(met).toEqual([true, true, false]);
    expect(rules.list()[0]).toMatchObject({ seen: 3, struck: 2 });
    expect(rules.struck()).toEqual({ drop_before: 2 });
  });

  test('comes before the rules added after it', () => {
    const rules = new FaultRules('seed');
    const first = rules.add({ fault: DROP });
    rules.add({ fault: HANG });
    expect(rules.strike('GET', '/')).toEqual(DROP);
    rules.remove(first);
    expect(rules.strike('GET', '/')).toEqual(HANG);
    rules.clear();
    expect(rules.strike('GET', '/')).toBeNull();
  });
});

describe('a rate', () => {
  test('strikes about its share of requests', () => {
    const rules = new FaultRules('seed');
    rules.add({ rate: 0.2, fault: DROP });
    let struck = 0;
    for (let index = 0; index < 5_000; index += 1) {
      if (rules.strike('GET', `/users/${index % 100}`)) struck += 1;
    }
    expect(struck / 5_000).toBeGreaterThan(0.17);
    expect(struck / 5_000).toBeLessThan(0.23);
  });

  test('gives a request the same fate in whatever order requests arrive', () => {
    const fates = (order: readonly string[]): Record<string, string> => {
      const rules = new FaultRules('seed');
      rules.add({ rate: 0.5, fault: DROP });
      const seen = new Map<string, number>();
      return Object.fromEntries(
        order.map((path) => {
          const nth = (seen.get(path) ?? 0) + 1;
          seen.set(path, nth);
          return [`${path} ${nth}`, rules.strike('PUT', path) ? 'struck' : 'spared'];
        }),
      );
    };
    const paths = Array.from({ length: 300 }, (_, index) => `/users/${index % 40}`);
    expect(fates(paths.toReversed())).toEqual(fates(paths));
  });
});

test('chaos strikes its share in all, evenly spread over its faults', () => {
  const rules = new FaultRules('seed');
  for (const rule of chaosRules({ rate: 0.55 })) rules.add(rule);
  let struck = 0;
  for (let index = 0; index < 20_000; index += 1) {
    if (rules.strike('GET', `/users/${index}`)) struck += 1;
  }
  expect(struck / 20_000).toBeGreaterThan(0.52);
  expect(struck / 20_000).toBeLessThan(0.58);
  const counts = Object.values(rules.struck());
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(struck);
  for (const entry of rules.list()) {
    expect(entry.struck / 20_000).toBeGreaterThan(0.035);
    expect(entry.struck / 20_000).toBeLessThan(0.065);
  }
  expect(rules.list()).toHaveLength(CHAOS_FAULTS.length);
});

import { expect, it } from 'vitest';
import { SingleFlight } from './single-flight.ts';

function setUp() {
  const clock = { now: 0 };
  let begun = 0;
  const landings: ((value: number) => void)[] = [];
  const flights = new SingleFlight<number>(() => clock.now);
  const run = (key: string, notBefore: number) =>
    flights.run(key, notBefore, () => {
      begun += 1;
      return new Promise((resolve) => landings.push(resolve));
    });
  return { clock, run, landings, begun: () => begun };
}

it('gives everybody who waits the result of one', async () => {
  const { run, landings, begun } = setUp();
  const all = [run('a', 0), run('a', 0), run('b', 0)];
  landings[0]?.(1);
  landings[1]?.(2);
  expect(await Promise.all(all)).toEqual([1, 1, 2]);
  expect(begun()).toBe(2);
});

it('begins again for whoever may not share what began too early', async () => {
  const { clock, run, landings, begun } = setUp();
  const early = run('a', 0);
  clock.now = 10;
  const late = run('a', 5);
  const later = run('a', 5);
  landings[0]?.(1);
  landings[1]?.(2);
  expect(await Promise.all([early, late, later])).toEqual([1, 2, 2]);
  expect(begun()).toBe(2);
});

it('begins again after a landing, also after a failure', async () => {
  const flights = new SingleFlight<number>(() => 0);
  await expect(flights.run('a', 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(flights.run('a', 0, () => Promise.resolve(1))).resolves.toBe(1);
  await expect(flights.run('a', 0, () => Promise.resolve(2))).resolves.toBe(2);
});

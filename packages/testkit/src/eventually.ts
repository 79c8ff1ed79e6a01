import { setTimeout as sleep } from 'node:timers/promises';

const SHORTEST_MS = 25;
const LONGEST_MS = 250;

/** Tries until it holds, ever less often: a tenth of the time is waited too long. Throws what it throws at the end. */
export async function eventually<T>(holds: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const began = performance.now();
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      const elapsedMs = performance.now() - began;
      if (elapsedMs > withinMs) throw error;
      await sleep(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, elapsedMs / 10)));
    }
  }
}

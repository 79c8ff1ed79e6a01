import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it holds; throws what it throws at the end. */
export async function eventually<T>(holds: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(25);
    }
  }
}

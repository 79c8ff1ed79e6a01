import { testServer } from '@rolecall/testkit';
import { expect, it } from 'vitest';
import { openLane } from './lane.ts';

it('a seed that does not end is wrong, and the next one is played all the same', async () => {
  const { url, prefix } = testServer();
  const quiet = (): void => undefined;
  const lane = openLane({
    serverUrl: url,
    name: `${prefix}lane`,
    engine: 'postgres',
    say: quiet,
    longestMs: 20,
  });
  const errand = { naive: false, trace: false, processes: false };
  for (const seed of [1, 2]) {
    const { faults } = await lane.play({ ...errand, seed });
    expect(faults).toEqual(['it did not end within 0.02 s']);
  }
  lane.close();
});

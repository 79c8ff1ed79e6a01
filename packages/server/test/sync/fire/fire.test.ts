import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, expect, it } from 'vitest';
import { prepareFireDatabase } from './fire-database.ts';
import { runSchedule } from './run-seed.ts';
import { scheduleOf } from './schedule.ts';

/** `npm run fire` plays hundreds of seeds; these tell at once whether it still can. */
const SEEDS = 4;

const test = await createTestDatabase();
const database = await prepareFireDatabase(test.url);
afterAll(async () => {
  await database.close();
  await test.close();
});

it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'both sides converge after everything that seed %i makes happen',
  async (seed) => {
    const { faults } = await runSchedule(database, scheduleOf(seed));
    expect(faults).toEqual([]);
  },
  120_000,
);

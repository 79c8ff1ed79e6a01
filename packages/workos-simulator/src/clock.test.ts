import { expect, test } from 'vitest';
import { createManualClock } from './clock.ts';

test('runs what falls due in order of time, also what is scheduled meanwhile', async () => {
  const clock = createManualClock(0);
  const ran: string[] = [];
  clock.schedule(() => ran.push(`late at ${clock.now()}`), 30);
  clock.schedule(() => {
    ran.push(`early at ${clock.now()}`);
    clock.schedule(() => ran.push(`nested at ${clock.now()}`), 10);
  }, 10);
  clock.schedule(() => ran.push('never'), 1_000);
  await clock.advance(100);
  expect(ran).toEqual(['early at 10', 'nested at 20', 'late at 30']);
  expect(clock.now()).toBe(100);
});

test('does not run what was cancelled', async () => {
  const clock = createManualClock(0);
  let ran = false;
  const cancel = clock.schedule(() => {
    ran = true;
  }, 10);
  cancel();
  await clock.advance(100);
  expect(ran).toBe(false);
});

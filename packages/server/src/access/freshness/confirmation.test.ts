import { expect, it } from 'vitest';
import { Confirmation } from './confirmation.ts';

function clocks() {
  const at = { monotonic: 1_000, wall: 1_700_000_000_000 };
  const clock = { monotonicMs: () => at.monotonic, wallMs: () => at.wall };
  const now = () => ({ monotonicMs: at.monotonic, wallMs: at.wall });
  return { at, clock, now };
}

it('is not within the bound before the first poll', () => {
  const { clock } = clocks();
  const confirmation = new Confirmation(clock, 2_000);
  expect(confirmation.isWithinBound()).toBe(false);
  expect(confirmation.ageMs()).toBe(Infinity);
});

it('counts from when the poll was sent, not from when it was answered', () => {
  const { at, clock, now } = clocks();
  const confirmation = new Confirmation(clock, 2_000);
  const sentAt = now();
  at.monotonic += 1_900;
  at.wall += 1_900;
  confirmation.confirm(sentAt);
  expect(confirmation.isWithinBound()).toBe(true);
  expect(confirmation.ageMs()).toBe(1_900);
  at.monotonic += 101;
  at.wall += 101;
  expect(confirmation.isWithinBound()).toBe(false);
});

it('is not fooled by a wall clock that goes back', () => {
  const { at, clock, now } = clocks();
  const confirmation = new Confirmation(clock, 2_000);
  confirmation.confirm(now());
  at.monotonic += 3_000;
  at.wall -= 3_600_000;
  expect(confirmation.isWithinBound()).toBe(false);
});

it('notices that the machine slept, though the monotonic clock stood still', () => {
  const { at, clock, now } = clocks();
  const confirmation = new Confirmation(clock, 2_000);
  confirmation.confirm(now());
  at.wall += 3_600_000;
  expect(confirmation.isWithinBound()).toBe(false);
});

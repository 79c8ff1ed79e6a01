import { expect, test } from 'vitest';
import { createIdentifierSource } from './identifiers.ts';

test('makes identifiers that sort as they were made, also within a millisecond', () => {
  const source = createIdentifierSource('seed', () => 1_000);
  const ids = Array.from({ length: 5_000 }, () => source.next('om'));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(5_000);
  expect(ids[0]).toMatch(/^om_[0-9A-Z]{26}$/);
});

test('goes on ascending when the clock goes back', () => {
  let now = 5_000;
  const source = createIdentifierSource('seed', () => now);
  const before = source.next('event');
  now = 1_000;
  expect(source.next('event') > before).toBe(true);
});

test('makes the same identifiers from the same seed and time, others from another seed', () => {
  const make = (seed: string): string => createIdentifierSource(seed, () => 1).next('user');
  expect(make('a')).toBe(make('a'));
  expect(make('a')).not.toBe(make('b'));
});

test('goes on where it was restored to', () => {
  const first = createIdentifierSource('seed', () => 7);
  first.next('user');
  const second = createIdentifierSource('seed', () => 7);
  second.restore(first.position());
  expect(second.next('user')).toBe(first.next('user'));
});

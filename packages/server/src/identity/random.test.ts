import { describe, expect, it } from 'vitest';
import { generateId, randomText } from './index.ts';

describe('random text', () => {
  it('has the length that was asked for, and only letters and digits', () => {
    for (const length of [0, 1, 43, 200])
      expect(randomText(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
    expect(generateId('user')).toMatch(/^user_[0-9A-Za-z]{22}$/);
  });

  it('passes over the bytes that would make some characters likelier', () => {
    const batches = [[255, 248, 0], [61], [62]];
    const source = (): Uint8Array => Uint8Array.from(batches.shift() ?? [1]);
    expect(randomText(3, source)).toBe('0z0');
  });

  it('gives every character the same chance', () => {
    const counts = new Map<string, number>();
    for (const character of randomText(62 * 1_000)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(250);
  });
});

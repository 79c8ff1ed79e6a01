import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, duration, padEnd, printable, truncate, widthOf } from './text.ts';

describe('printable', () => {
  it('leaves names of any script alone', () => {
    for (const name of ['Жанна', '王小明', 'محمد', 'Zoë', '👩‍💻']) expect(printable(name)).toBe(name);
  });

  it('shows what a terminal would obey', () => {
    expect(printable('a\u001b[31mred')).toBe('a\\u001b[31mred');
    expect(printable('two\nlines')).toBe('two\\u000alines');
    expect(printable('admin\u202e')).toBe('admin\\u202e');
  });
});

describe('truncate', () => {
  it('never exceeds its width, in columns', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 30 }),
        (text, width) => {
          expect(widthOf(truncate(text, width))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('cuts between characters, and says so', () => {
    expect(truncate('王小明同学', 5)).toBe('王小…');
    expect(truncate('abc', 3)).toBe('abc');
  });
});

describe('padEnd', () => {
  it('counts a wide character twice', () => {
    expect(padEnd('王', 4)).toBe('王  ');
  });
});

describe('count', () => {
  it('groups thousands and knows one from many', () => {
    expect([count(1, 'role'), count(0, 'role'), count(1204, 'role')]).toEqual([
      '1 role',
      '0 roles',
      '1,204 roles',
    ]);
  });
});

describe('duration', () => {
  it.each([
    [80, '80 ms'],
    [999, '1.0 s'],
    [1_440, '1.4 s'],
    [125_000, '2 min 5 s'],
  ])('says %i ms as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

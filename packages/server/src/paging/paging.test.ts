import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cappedTotal,
  decodeCursor,
  encodeCursor,
  indexPattern,
  likePattern,
  normalizeSearch,
  readLimit,
  toPage,
} from './index.ts';

const KEYS = ['2026-01-01T00:00:00.000Z', '00000000-0000-4000-8000-000000000000', 7] as const;
const KINDS = ['time', 'uuid', 'number'] as const;

describe('a cursor', () => {
  it('gives back the keys it was made from', () => {
    expect(decodeCursor('things', KINDS, encodeCursor('things', KEYS))).toEqual(KEYS.map(String));
    expect(decodeCursor('things', KINDS, null)).toBeUndefined();
  });

  it.each([
    ['of another list', encodeCursor('others', KEYS)],
    ['with a key too few', encodeCursor('things', KEYS.slice(0, 2))],
    ['with a key too many', encodeCursor('things', [...KEYS, 1])],
    ['with a day that is none', encodeCursor('things', ['2026-02-30T00:00:00.000Z', KEYS[1], 7])],
    [
      'with a year that no database has',
      encodeCursor('things', ['+010000-01-01T00:00:00.000Z', KEYS[1], 7]),
    ],
    ['with infinity for a time', encodeCursor('things', ['infinity', KEYS[1], 7])],
    ['with half a uuid', encodeCursor('things', [KEYS[0], '0000', 7])],
    ['with a number that is not whole', encodeCursor('things', [KEYS[0], KEYS[1], 1.5])],
    ['with a number below zero', encodeCursor('things', [KEYS[0], KEYS[1], -1])],
    ['that is an object', Buffer.from('{}').toString('base64url')],
    ['that is empty', ''],
  ])('%s is refused', (_, cursor) => {
    expect(() => decodeCursor('things', KINDS, cursor)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  it('that somebody made up is refused, and nothing worse', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json()), (text) => {
        expect(() => decodeCursor('things', KINDS, text)).toThrow(
          expect.objectContaining({ code: 'invalid_request' }),
        );
      }),
    );
  });
});

describe('a page', () => {
  const parts = {
    limit: 2,
    total: { total: 3, totalIs: 'exact' },
    toItem: (row: number) => row * 10,
    cursorOf: (row: number) => `after ${row}`,
  } as const;

  it('names the next one when there is one more', () => {
    expect(toPage([1, 2, 3], parts)).toEqual({
      data: [10, 20],
      nextCursor: 'after 2',
      total: 3,
      totalIs: 'exact',
    });
  });

  it('is the last one when there is none', () => {
    expect(toPage([1, 2], parts).nextCursor).toBeNull();
    expect(toPage([], parts).data).toEqual([]);
  });

  it('has between 1 and 1,000 items, 50 unless told otherwise', () => {
    expect([readLimit({}), readLimit({ limit: 1 }), readLimit({ limit: 1_000 })]).toEqual([
      50, 1, 1_000,
    ]);
    for (const limit of [0, -1, 1_001, 1.5, Number.NaN, Infinity]) {
      expect(() => readLimit({ limit })).toThrow(
        expect.objectContaining({ code: 'invalid_request' }),
      );
    }
  });

  it('counts to ten thousand', () => {
    expect(cappedTotal(10_000)).toEqual({ total: 10_000, totalIs: 'exact' });
    expect(cappedTotal(10_001)).toEqual({ total: 10_000, totalIs: 'at_least' });
  });
});

describe('a search', () => {
  it('finds the beginnings of words below three characters, and takes the rest literally', () => {
    expect([
      likePattern('ab'),
      likePattern('abc'),
      likePattern('王小'),
      likePattern('🌳🌳'),
    ]).toEqual(['% ab%', '%abc%', '% 王小%', '% 🌳🌳%']);
    expect(likePattern('50%_\\')).toBe('%50\\%\\_\\\\%');
  });

  it('leaves the domain of an e-mail address to the rows that the index finds', () => {
    expect([
      indexPattern('ann_b@example.com'),
      indexPattern('анна@'),
      indexPattern('an@example.com'),
      indexPattern('@example.com'),
      indexPattern('example.com'),
      indexPattern('an'),
    ]).toEqual([
      '%ann\\_b@%',
      '%анна@%',
      '%an@example.com%',
      '%@example.com%',
      '%example.com%',
      '% an%',
    ]);
  });

  it('is composed and trimmed, and none when nothing is left', () => {
    expect(normalizeSearch(' Zoe\u0308 ')).toBe('Zoë');
    expect([normalizeSearch('  '), normalizeSearch(undefined), normalizeSearch('\0')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderedIds } from '../state/index.ts';
import { type ListQuery, pageOf } from './pagination.ts';

function idsOf(...numbers: readonly number[]): OrderedIds {
  const ids = new OrderedIds();
  for (const number of numbers) ids.add(`id_${String(number).padStart(4, '0')}`);
  return ids;
}

function walk(
  sources: readonly OrderedIds[],
  query: Omit<ListQuery, 'before' | 'after'>,
  between: () => void = () => undefined,
): readonly string[] {
  const seen: string[] = [];
  const forward = query.order === 'normal' ? 'before' : 'after';
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = pageOf(sources, cursor === undefined ? query : { ...query, [forward]: cursor });
    seen.push(...page.ids);
    cursor = page[forward];
    between();
  }
  return seen;
}

test('answers newest first unless asked otherwise', () => {
  const ids = [idsOf(1, 2, 3)];
  expect(pageOf(ids, { limit: 2, order: 'desc' }).ids).toEqual(['id_0003', 'id_0002']);
  expect(pageOf(ids, { limit: 2, order: 'asc' }).ids).toEqual(['id_0001', 'id_0002']);
});

test('has no cursor at either end', () => {
  const ids = [idsOf(1, 2, 3)];
  expect(pageOf(ids, { limit: 2, order: 'asc' })).toMatchObject({ before: null, after: 'id_0002' });
  expect(pageOf(ids, { limit: 2, order: 'asc', after: 'id_0002' })).toMatchObject({
    before: 'id_0003',
    after: null,
  });
  expect(pageOf([], { limit: 2, order: 'asc' })).toEqual({ ids: [], before: null, after: null });
});

test('goes back with `before`, in the same order', () => {
  const ids = [idsOf(1, 2, 3, 4, 5)];
  expect(pageOf(ids, { limit: 2, order: 'asc', before: 'id_0005' })).toEqual({
    ids: ['id_0003', 'id_0004'],
    before: 'id_0003',
    after: 'id_0004',
  });
});

test('exchanges the cursors when the order is normal', () => {
  const ids = [idsOf(1, 2, 3, 4, 5)];
  const first = pageOf(ids, { limit: 2, order: 'normal' });
  expect(first).toEqual({ ids: ['id_0005', 'id_0004'], before: 'id_0004', after: null });
  expect(pageOf(ids, { limit: 2, order: 'normal', before: 'id_0004' }).ids).toEqual([
    'id_0003',
    'id_0002',
  ]);
});

describe('walking through all pages', () => {
  const numbers = fc.uniqueArray(fc.nat(999), { maxLength: 60 });
  const order = fc.constantFrom('asc' as const, 'desc' as const, 'normal' as const);

  test('visits the union of several sets exactly once, in order', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 7 }), order, (all, limit, way) => {
        const parts = [0, 1, 2].map((part) => idsOf(...all.filter((one) => one % 3 === part)));
        const ascending = idsOf(...all).toArray();
        const expected = way === 'asc' ? ascending : ascending.toReversed();
        expect(walk(parts, { limit, order: way })).toEqual(expected);
      }),
    );
  });

  test('visits what stays exactly once, and nothing twice, while others come and go', () => {
    const change = fc.record({ add: fc.boolean(), number: fc.integer({ min: 0, max: 999 }) });
    fc.assert(
      fc.property(
        numbers,
        fc.array(change, { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        order,
        (all, changes, limit, way) => {
          const ids = idsOf(...all);
          const before = ids.toArray();
          const waiting = [...changes];
          const touched = new Set<string>();
          const seen = walk([ids], { limit, order: way }, () => {
            const next = waiting.shift();
            if (!next) return;
            const id = `id_${String(next.number).padStart(4, '0')}`;
            touched.add(id);
            if (next.add) ids.add(id);
            else ids.delete(id);
          });
          expect(new Set(seen).size).toBe(seen.length);
          for (const id of before) if (!touched.has(id)) expect(seen).toContain(id);
        },
      ),
    );
  });
});

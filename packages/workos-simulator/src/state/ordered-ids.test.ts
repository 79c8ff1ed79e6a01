import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedIds } from './ordered-ids.ts';

const id = fc.integer({ min: 0, max: 40 }).map((value) => `id_${String(value).padStart(2, '0')}`);

test('agrees with a sorted set, whatever is added and deleted', () => {
  const step = fc.record({ add: fc.boolean(), id });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), id, fc.nat(10), (steps, bound, count) => {
      const ids = new OrderedIds();
      const model = new Set<string>();
      for (const { add, id: one } of steps) {
        if (add) {
          ids.add(one);
          model.add(one);
        } else {
          ids.delete(one);
          model.delete(one);
        }
      }
      const sorted = [...model].toSorted();
      expect(ids.toArray()).toEqual(sorted);
      expect(ids.size).toBe(sorted.length);
      expect(ids.has(bound)).toBe(model.has(bound));
      expect(ids.above(bound, count)).toEqual(sorted.filter((one) => one > bound).slice(0, count));
      expect(ids.below(bound, count)).toEqual(
        sorted
          .filter((one) => one < bound)
          .toReversed()
          .slice(0, count),
      );
      expect(ids.above(null, count)).toEqual(sorted.slice(0, count));
      expect(ids.below(null, count)).toEqual(sorted.toReversed().slice(0, count));
    }),
  );
});

import { endpoints, limits } from '@rolecall/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type z } from 'zod';
import { readPlainCheck, readPlainFilter } from './plain-body.ts';

const LONG = process.env['ROLECALL_LONG'] === '1';
const numRuns = LONG ? 100_000 : 3_000;

/** Texts at and around every limit, and in scripts that count twice. */
const text = fc.oneof(
  fc.constantFrom('', 'user:alice', 'project:read', 'p1', '*', '__proto__', 'constructor'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc
    .tuple(fc.constantFrom(99, 100, 101, 254, 255, 256, 300, 301), fc.constantFrom('x', '字', '🌳'))
    .map(([length, character]) => character.repeat(length).slice(0, length)),
);
const junk = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, 0, true, [], {}, [[]]),
);
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: junk });
/** An object of these fields, now and then without one, or with another beside them. */
const fields = (known: Readonly<Record<string, fc.Arbitrary<unknown>>>, required: string[]) =>
  fc
    .tuple(
      fc.record(known, { requiredKeys: required }),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(text, junk, { maxKeys: 1 }) },
      ),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.constantFrom(...required) },
      ),
    )
    .map(([right, more, without]) => {
      const all = { ...right, ...more };
      return Object.fromEntries(Object.entries(all).filter(([name]) => name !== without));
    });

const dimensions = mostly(fc.dictionary(text, mostly(text), { maxKeys: 3 }));
const consistency = mostly(
  fc.constantFrom(
    { mode: 'cached' },
    { mode: 'strong' },
    { mode: 'at_least', revision: 'abc' },
    { mode: 'cached', revision: 'abc' },
  ),
);
const check = fields({ scope: mostly(text), resource_id: mostly(text), dimensions }, [
  'scope',
  'resource_id',
]);
const checkBody = fields(
  {
    principal: mostly(text),
    checks: mostly(fc.array(mostly(check), { maxLength: 4 })),
    require: mostly(fc.constantFrom('all', 'any')),
    consistency,
  },
  ['principal', 'checks'],
);
const filterBody = fields(
  {
    principal: mostly(text),
    scope: mostly(text),
    resource_ids: mostly(fc.array(mostly(text), { maxLength: 4 })),
    dimensions,
    consistency,
  },
  ['principal', 'scope', 'resource_ids'],
);

/** The texts that are left to the schema on purpose: this name, and what may be shorter than it looks. */
const leftToTheSchema = /__proto__|[\ud800-\udfff]|\\ud/;

/** A body as it comes out of JSON, which is the only way that one comes. */
const parsed = (body: unknown): unknown => JSON.parse(JSON.stringify(body)) as unknown;

/** The body as its schema reads it. */
function readBody<Schema extends z.ZodType>(schema: Schema | undefined, body: unknown) {
  if (schema === undefined) throw new Error('the endpoint has no body');
  return schema.safeParse(body);
}

const isCached = (mode: string | undefined): boolean => mode === undefined || mode === 'cached';

describe('INVARIANT (plain agrees with the contract)', () => {
  it('a plain check is what the schema reads, and none that it reads is missed', () => {
    let plainOnes = 0;
    fc.assert(
      fc.property(checkBody, (given) => {
        const body = parsed(given);
        const plain = readPlainCheck(body);
        const { data } = readBody(endpoints.check.body, body);
        if (data === undefined || !isCached(data.consistency?.mode)) {
          expect(plain).toBeUndefined();
          return;
        }
        const { principal, checks, require } = data;
        if (plain === undefined) {
          expect(JSON.stringify(body)).toMatch(leftToTheSchema);
          return;
        }
        plainOnes += 1;
        expect(plain).toEqual({ principal, checks, ...(require !== undefined && { require }) });
      }),
      { numRuns },
    );
    expect(plainOnes).toBeGreaterThan(numRuns / 200);
  });

  it('a plain filter is what the schema reads, and none that it reads is missed', () => {
    let plainOnes = 0;
    fc.assert(
      fc.property(filterBody, (given) => {
        const body = parsed(given);
        const plain = readPlainFilter(body);
        const { data } = readBody(endpoints.filter.body, body);
        if (data === undefined || !isCached(data.consistency?.mode)) {
          expect(plain).toBeUndefined();
          return;
        }
        if (plain === undefined) {
          expect(JSON.stringify(body)).toMatch(leftToTheSchema);
          return;
        }
        plainOnes += 1;
        const { principal, scope, resource_ids: resourceIds } = data;
        expect(plain).toEqual({
          principal,
          scope,
          resourceIds,
          ...(data.dimensions !== undefined && { dimensions: data.dimensions }),
        });
      }),
      { numRuns },
    );
    expect(plainOnes).toBeGreaterThan(numRuns / 200);
  });

  it.each([
    ['checks', limits.checks],
    ['resource_ids', limits.resourceIds],
  ])('holds at the limit of %s', (list, most) => {
    for (const count of [most, most + 1]) {
      const one = list === 'checks' ? { scope: 's', resource_id: 'r' } : 'r';
      const items = Array.from({ length: count }, () => one);
      const body = { principal: 'p', ...(list !== 'checks' && { scope: 's' }), [list]: items };
      const plain = list === 'checks' ? readPlainCheck(body) : readPlainFilter(body);
      expect(plain === undefined).toBe(count > most);
    }
  });
});

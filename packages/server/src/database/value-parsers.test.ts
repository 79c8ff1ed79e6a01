import { createTestDatabase } from '@rolecall/testkit';
import { types } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

async function value(expression: string): Promise<unknown> {
  const [row] = await query<{ value: unknown }>(test.db, { text: `SELECT ${expression} AS value` });
  return row?.value;
}

describe('values arrive', () => {
  it.each([
    ['a bigint', '9007199254740991::bigint', Number.MAX_SAFE_INTEGER],
    ['a negative bigint', '(-9007199254740991)::bigint', Number.MIN_SAFE_INTEGER],
    ['a count', '(SELECT count(*) FROM generate_series(1, 3))', 3],
    ['a numeric', '12345678901234567890.5::numeric', '12345678901234567890.5'],
    ['a transaction id', `'18446744073709551615'::xid8`, '18446744073709551615'],
    ['a time', `'2026-02-03 04:05:06.123456+00'::timestamptz`, '2026-02-03T04:05:06.123Z'],
    [
      'a time without a fraction',
      `'2026-02-03 04:05:06+00'::timestamptz`,
      '2026-02-03T04:05:06.000Z',
    ],
    ['a short fraction', `'2026-02-03 04:05:06.5+00'::timestamptz`, '2026-02-03T04:05:06.500Z'],
    ['json', `'{"a":[1,null]}'::jsonb`, { a: [1, null] }],
    ['a list of text', `ARRAY['a','b,c',NULL]`, ['a', 'b,c', null]],
    ['nothing', 'NULL::bigint', null],
  ])('%s', async (_, expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });

  it('refuses a bigint that no number can hold', async () => {
    await expect(value('9007199254740993::bigint')).rejects.toThrow(
      'BUG: the bigint `9007199254740993` does not fit a number',
    );
    expect(await value('1')).toBe(1);
  });

  it.each([
    ['Asia/Kolkata', '2026-02-02T22:35:06.100Z'],
    ['America/St_Johns', '2026-02-03T07:35:06.100Z'],
    ['UTC', '2026-02-03T04:05:06.100Z'],
  ])('in UTC when the session lives in %s', async (zone, expected) => {
    const [row] = await test.database.pool
      .query(
        `SET TIME ZONE '${zone}'; SELECT '2026-02-03 04:05:06.1'::timestamptz AS value; RESET TIME ZONE`,
      )
      .then((results: unknown) => (results as { rows: { value: string }[] }[])[1]?.rows ?? []);
    expect(row?.value).toBe(expected);
  });

  it('without changing how other pools of the process parse', () => {
    expect((types.getTypeParser as (oid: number) => (text: string) => unknown)(20)('1')).toBe('1');
  });
});

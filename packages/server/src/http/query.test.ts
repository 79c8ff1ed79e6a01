import { expect, it } from 'vitest';
import { readQuery } from './query.ts';

const read = (query: string): unknown => readQuery(`http://localhost/v1/x${query}`);

it('reads each name once', () => {
  expect(read('?limit=5&search=%D0%90%D0%BD%D0%BD%D0%B0+B')).toEqual({
    limit: '5',
    search: 'Анна B',
  });
  expect(read('')).toEqual({});
});

it('refuses a name that is given twice', () => {
  expect(() => read('?limit=1&limit=2')).toThrow(
    expect.objectContaining({ message: '`limit` is given more than once' }),
  );
});

it('refuses NUL', () => {
  expect(() => read('?search=a%00b')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

it('survives what is not percent-encoding', () => {
  expect(read('?a=%zz&%=%ff')).toEqual({ a: '%zz', '%': '\ufffd' });
});

it('keeps names of the prototype as names', () => {
  expect(Object.keys(read('?__proto__=1') as object)).toEqual(['__proto__']);
});

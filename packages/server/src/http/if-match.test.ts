import { expect, it } from 'vitest';
import { entityTagOf, readIfMatch } from './if-match.ts';

const read = (value?: string): number | undefined =>
  readIfMatch(new Headers(value === undefined ? {} : { 'If-Match': value }));

it('reads the tag that an answer carried', () => {
  expect(read(entityTagOf(3))).toBe(3);
});

it.each([undefined, '*'])('demands nothing with %s', (value) => {
  expect(read(value)).toBeUndefined();
});

it.each(['"abc"', 'W/"3"', '""'])('%s matches no version', (value) => {
  expect(() => read(value)).toThrow(expect.objectContaining({ code: 'version_mismatch' }));
});

it.each(['"1", "2"', '"3', '-1', 'x'])('%s is not one ETag', (value) => {
  expect(() => read(value)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

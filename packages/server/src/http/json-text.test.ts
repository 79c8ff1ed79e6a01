import { limits } from '@rolecall/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RolecallError } from '../errors/index.ts';
import { parseJsonText } from './json-text.ts';

const bounds = { items: 100, values: 1_000 };
const parse = (text: string): unknown => parseJsonText(text, bounds);

function refusalOf(text: string): RolecallError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RolecallError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

it('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      fc.pre(text.isWellFormed() && !/\\u0000|\\ud[89a-f]/i.test(text));
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

it('refuses what is not JSON without repeating it', () => {
  const error = refusalOf('{"secret": nope}');
  expect(error.code).toBe('invalid_json');
  expect(error.message).toBe('the body is not JSON');
});

it('takes brackets and commas inside of texts for what they are', () => {
  const text = JSON.stringify({ a: '[[[[{{{{,,,,"\\', b: ['\\"', '\\\\'] });
  expect(parse(text)).toEqual(JSON.parse(text));
});

describe('bounds', () => {
  it('allows the deepest nesting and refuses one more', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parse(nested(limits.jsonDepth))).not.toThrow();
    expect(refusalOf(nested(limits.jsonDepth + 1)).code).toBe('invalid_json');
  });

  it('survives a body that is nothing but brackets', () => {
    expect(refusalOf('['.repeat(1024 * 1024)).code).toBe('invalid_json');
    expect(refusalOf(']'.repeat(1024 * 1024)).code).toBe('invalid_json');
  });

  it('names the limit of a list', () => {
    const list = (length: number): string => JSON.stringify(Array.from({ length }, () => 1));
    expect(() => parse(list(100))).not.toThrow();
    const error = refusalOf(list(101));
    expect(error.code).toBe('limit_exceeded');
    expect(error.message).toBe('more than 100 items in one list');
  });

  it('names the limit of a whole body', () => {
    const lists = JSON.stringify(
      Array.from({ length: 12 }, () => Array.from({ length: 99 }, () => 1)),
    );
    expect(refusalOf(lists).message).toBe('more than 1000 values in one body');
  });
});

describe('texts that PostgreSQL cannot store', () => {
  it.each([
    ['"a\\u0000b"', 'body'],
    ['{"name": "a\\u0000"}', 'name'],
    ['{"grants": [{"scope": "\\ud800"}]}', 'grants[0].scope'],
    ['{"a": {"b\\udc00": 1}}', 'a'],
  ])('%s is refused at its place', (text, path) => {
    const error = refusalOf(text);
    expect(error.code).toBe('invalid_request');
    expect(error.details.problems).toMatchObject([{ path }]);
  });

  it('whole surrogate pairs are fine, escaped or not', () => {
    expect(parse('"\\ud83d\\ude00 😀"')).toBe('😀 😀');
  });
});

import { endpoints } from '@rolecall/contract';
import { describe, expect, it } from 'vitest';
import { type z } from 'zod';
import { RolecallError } from '../errors/index.ts';
import { readAs } from './validation.ts';

function refusalOf(schema: z.ZodType | undefined, value: unknown): RolecallError {
  if (schema === undefined) throw new Error('the endpoint has no such schema');
  try {
    readAs(schema, value, 'body');
  } catch (error) {
    if (error instanceof RolecallError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const role = { name: 'Support', grants: [] };

describe('what is wrong is named with its place', () => {
  it.each<[unknown, string, string]>([
    [null, 'body', 'must be an object'],
    [{ grants: [] }, 'name', 'is required'],
    [{ ...role, name: 7 }, 'name', 'must be a string'],
    [{ ...role, name: 'x'.repeat(49) }, 'name', 'must be at most 48 characters'],
    [{ ...role, nmae: 'x' }, 'nmae', 'is not a known field'],
    [
      { ...role, grants: [{ scope: 'a:b', efect: 'deny' }] },
      'grants[0].efect',
      'is not a known field',
    ],
    [
      { ...role, grants: [{ scope: 'a:b', effect: 'no' }] },
      'grants[0].effect',
      'must be `allow` or `deny`',
    ],
    [
      { ...role, grants: [{ scope: 'a:b', selectors: [{ resource_kind: 'a' }] }] },
      'grants[0].selectors[0].resource_id',
      'is required',
    ],
  ])('%j', (value, path, message) => {
    const error = refusalOf(endpoints.createRole.body, value);
    expect(error.code).toBe('invalid_request');
    expect(error.details.problems).toEqual([{ path, message }]);
    expect(error.message).toBe(`\`${path}\` ${message}`);
  });

  it('a union says which word it did not know', () => {
    const value = { principal: 'user:a', checks: [{ scope: 'a:b', resource_id: 'c' }] };
    const error = refusalOf(endpoints.check.body, { ...value, consistency: { mode: 'eventual' } });
    expect(error.details.problems).toEqual([
      { path: 'consistency.mode', message: 'is none of the known alternatives' },
    ]);
  });
});

it('all problems are reported, and counted in the detail', () => {
  const error = refusalOf(endpoints.createRole.body, { nmae: 'x', grants: [{}] });
  expect(error.details.problems?.map(({ path }) => path)).toEqual([
    'name',
    'grants[0].scope',
    'nmae',
  ]);
  expect(error.message).toBe('`name` is required (and 2 more)');
});

it('a list that is too long is a limit, with its number', () => {
  const checks = Array.from({ length: 1_001 }, () => ({ scope: 'a:b', resource_id: 'c' }));
  const error = refusalOf(endpoints.check.body, { principal: 'user:a', checks });
  expect(error.code).toBe('limit_exceeded');
  expect(error.message).toBe('`checks` must have at most 1000 items');
});

it('fields of the prototype are unknown fields', () => {
  const value: unknown = JSON.parse('{"name":"x","grants":[],"__proto__":{"a":1}}');
  expect(refusalOf(endpoints.createRole.body, value).details.problems).toEqual([
    { path: '__proto__', message: 'is not a known field' },
  ]);
});

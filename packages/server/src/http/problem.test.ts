import { builtinPolicy, validateCheck } from '@rolecall/policy';
import { describe, expect, it } from 'vitest';
import { defect, outage, refusal } from '../errors/index.ts';
import { problemOf } from './problem.ts';

it('a refusal speaks for itself', () => {
  const problems = [{ path: 'name', message: 'is taken' }];
  expect(problemOf(refusal('role_name_taken', 'the name `x` is taken', { problems }))).toEqual({
    problem: {
      type: 'urn:rolecall:problem:role_name_taken',
      title: 'The role name is taken',
      status: 409,
      code: 'role_name_taken',
      detail: 'the name `x` is taken',
      problems,
    },
    headers: {},
  });
});

it('an outage says when to try again', () => {
  const { problem, headers } = problemOf(outage('database_unavailable', 'it is away', 1.2));
  expect(problem).toMatchObject({ status: 503, code: 'database_unavailable' });
  expect(headers).toEqual({ 'Retry-After': '2' });
});

it('a key that is missing is asked for', () => {
  expect(problemOf(refusal('unauthenticated', 'no API key was sent')).headers).toEqual({
    'WWW-Authenticate': 'Bearer',
  });
});

it('an error of the policy is a refusal with its place', () => {
  const error = (() => {
    try {
      validateCheck(builtinPolicy, { scope: 'project:fly', resource_id: 'p1' });
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(problemOf(error).problem).toMatchObject({
    status: 400,
    code: 'invalid_check',
    problems: [{ path: 'scope' }],
  });
});

describe('what is not the caller’s to mend is told by its code alone', () => {
  it.each([
    ['a defect', defect('the row vanished', new Error('secret'))],
    [
      'an unknown error',
      Object.assign(new Error('relation "x" does not exist'), { code: '42P01' }),
    ],
    ['what is no error', 'boom'],
  ])('%s', (_name, error) => {
    const { problem } = problemOf(error);
    expect(problem).toEqual({
      type: 'urn:rolecall:problem:internal',
      title: 'Something broke on our side',
      status: 500,
      code: 'internal',
      detail: 'an expectation of Rolecall did not hold',
    });
  });
});

import { expect, it } from 'vitest';
import { judge, type TestReport } from './verdict.ts';

const report = (...tests: readonly [string, string][]): TestReport => ({
  testResults: [
    {
      name: 'a.test.ts',
      status: 'passed',
      assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
    },
  ],
});

it('counts what passed and what failed', () => {
  expect(judge(report(['a', 'passed'], ['b', 'failed']), [])).toEqual({
    passed: 1,
    failed: 1,
    missing: [],
  });
});

it('counts a test that did not run as failed', () => {
  expect(judge(report(['a', 'skipped']), [])).toEqual({ passed: 0, failed: 1, missing: ['a'] });
});

it('excuses what is named with a reason', () => {
  const excuses = [{ title: /^a$/, reason: 'the other half of a pair' }];
  expect(judge(report(['a', 'skipped']), excuses)).toEqual({ passed: 0, failed: 0, missing: [] });
});

it('counts a file that could not be run', () => {
  const broken = { testResults: [{ name: 'a', status: 'failed', assertionResults: [] }] };
  expect(judge(broken, []).failed).toBe(1);
});

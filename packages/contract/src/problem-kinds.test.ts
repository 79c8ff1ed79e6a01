import { expect, it } from 'vitest';
import { errorCodes } from './error-codes.ts';
import { problemKinds } from './problem-kinds.ts';

it('has one row for every code and no other', () => {
  expect(Object.keys(problemKinds).toSorted()).toEqual([...errorCodes].toSorted());
});

it('says in every row what it means and what to do', () => {
  for (const kind of Object.values(problemKinds)) {
    expect(kind.title).not.toMatch(/\.$/);
    expect(kind.meaning).toMatch(/\.$/);
    expect(kind.advice).toMatch(/\.$/);
  }
});

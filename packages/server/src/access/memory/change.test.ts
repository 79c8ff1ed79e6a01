import { expect, it } from 'vitest';
import { readChange } from './change.ts';

it('reads the names of what changed', () => {
  expect(readChange(7, { roles: ['r'], users: ['u'], api_keys: ['k'] })).toEqual({
    revision: 7,
    everything: false,
    roles: ['r'],
    principals: ['user:u', 'api_key:k'],
  });
});

it('reads a revision that changed no answer', () => {
  expect(readChange(7, {})).toMatchObject({ everything: false, roles: [], principals: [] });
});

it.each([
  { organization: true },
  { organization: false },
  { teams: ['t'] },
  { roles: ['r'], teams: ['t'] },
  { roles: 'r' },
  { users: [1] },
  null,
  [],
  'roles',
])('takes what it does not know for everything: %j', (what) => {
  expect(readChange(7, what)).toMatchObject({ everything: true });
});

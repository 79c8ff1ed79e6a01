import { describe, expect, it } from 'vitest';
import { builtinPolicy } from './builtin-policy.ts';
import { reachableFrom, satisfies } from './implication.ts';

describe('satisfies', () => {
  it.each([
    ['project:read', 'project:read', true],
    ['project:write', 'project:read', true],
    ['project:read', 'project:write', false],
    ['mcp:write', 'mcp:connect', true],
    ['org:admin', 'project:read', false],
    ['root', 'org:admin', true],
    ['org:admin', 'root', false],
    ['unheard:of', 'project:read', false],
  ])('%s for %s: %s', (held, asked, enough) => {
    expect(satisfies(builtinPolicy, held, asked)).toBe(enough);
  });
});

describe('reachableFrom', () => {
  it('follows any number of steps, and branches that meet again', () => {
    const direct = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', ['e']],
    ]);
    expect([...reachableFrom('a', direct)].sort()).toEqual(['b', 'c', 'd', 'e']);
  });

  it('contains its start only on a cycle', () => {
    expect(reachableFrom('a', new Map([['a', ['b']]]))).toEqual(['b']);
    const cycle = new Map([
      ['a', ['b']],
      ['b', ['a']],
    ]);
    expect([...reachableFrom('a', cycle)].sort()).toEqual(['a', 'b']);
  });
});

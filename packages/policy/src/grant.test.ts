import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { builtinPolicy } from './builtin-policy.ts';
import { grantKey, hasSay, type Grant } from './grant.ts';

const GRANT: Grant = {
  scope: 'mcp:read',
  effect: 'allow',
  selector: { resource_kind: 'mcp', resource_id: 's1', tool: 't', project_id: 'p1' },
};

describe('grantKey', () => {
  it('is equal for grants that say the same, however they are spelt', () => {
    const { resource_kind, resource_id, tool, project_id } = GRANT.selector;
    const selector = { project_id: project_id ?? '', resource_id, tool: tool ?? '', resource_kind };
    const respelt = { ...GRANT, selector: { ...selector, disposition: '*' } };
    expect(grantKey(respelt)).toBe(grantKey(GRANT));
  });

  it.each<[string, Grant]>([
    ['scope', { ...GRANT, scope: 'mcp:write' }],
    ['effect', { ...GRANT, effect: 'deny' }],
    ['resource', { ...GRANT, selector: { ...GRANT.selector, resource_id: 's2' } }],
    ['dimension', { ...GRANT, selector: { ...GRANT.selector, tool: 'u' } }],
    ['values swapped', { ...GRANT, selector: { ...GRANT.selector, tool: 'p1', project_id: 't' } }],
  ])('differs by %s', (_what, other) => {
    expect(grantKey(other)).not.toBe(grantKey(GRANT));
  });
});

describe('hasSay', () => {
  it('is true for a grant that the policy can read', () => {
    expect(hasSay(builtinPolicy, GRANT)).toBe(true);
  });

  it('is false for an allow that it cannot read', () => {
    expect(hasSay(builtinPolicy, { ...GRANT, scope: 'mcp:gone' })).toBe(false);
  });

  it('refuses a deny that it cannot read, saying what is wrong', () => {
    const deny: Grant = { ...GRANT, scope: 'mcp:gone', effect: 'deny' };
    expect(errorOf(() => hasSay(builtinPolicy, deny))).toEqual({
      code: 'invalid_grant',
      problem: 'unknown_scope',
      path: 'scope',
      value: 'mcp:gone',
      message: 'unknown scope `mcp:gone` at scope',
    });
  });
});

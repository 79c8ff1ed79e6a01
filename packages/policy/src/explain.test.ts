import { describe, expect, it } from 'vitest';
import { builtinPolicy } from './builtin-policy.ts';
import { type Check } from './check.ts';
import { type Standing } from './decision.ts';
import { explain, type Explanation } from './explain.ts';
import { type Effect, type HeldGrant } from './grant.ts';
import { type Policy } from './scope.ts';

const policy: Policy = builtinPolicy;
const ENFORCED: Standing = { membership: 'active', enforcement: 'enforced' };

const row = (
  principal: string,
  effect: Effect,
  scope: string,
  resource_id: string,
  dimensions: Record<string, string> = {},
): HeldGrant => ({
  principal,
  scope,
  effect,
  selector: { ...dimensions, resource_kind: scope.split(':')[0] ?? '', resource_id },
});

function why(grants: readonly HeldGrant[], check: Check, standing = ENFORCED): Explanation {
  return explain(policy, standing, grants, check);
}

describe('sentences', () => {
  it('say which grant allows', () => {
    const grants = [row('user:alice', 'allow', 'project:write', '*')];
    expect(why(grants, { scope: 'project:read', resource_id: 'p1' }).sentences).toEqual([
      '`project:read` on `p1` is allowed: a grant allows it and none denies it',
      '`user:alice` allows `project:write` on every `project`',
    ]);
  });

  it('say which grant denies, and not those that it outweighs', () => {
    const grants = [
      row('role:a', 'allow', 'mcp:write', 's1'),
      row('user:alice', 'deny', 'mcp:read', 's1', { tool: 'delete' }),
    ];
    const check = { scope: 'mcp:read', resource_id: 's1', dimensions: { tool: 'delete' } };
    expect(why(grants, check).sentences).toEqual([
      '`mcp:read` on `s1` with tool `delete` is denied: a grant denies it, which no other can outweigh',
      '`user:alice` denies `mcp:read` on `s1` with tool `delete`',
    ]);
  });

  it('say which grant would allow', () => {
    expect(why([], { scope: 'project:read', resource_id: 'p1' }).sentences).toEqual([
      '`project:read` on `p1` is denied: no grants are held',
      'a grant of `project:read` on `p1` would allow it',
    ]);
  });

  it('say what would be answered under enforcement', () => {
    const standing = { membership: 'active', enforcement: 'shadow' } as const;
    expect(why([], { scope: 'project:read', resource_id: 'p1' }, standing).sentences).toEqual([
      '`project:read` on `p1` is allowed: enforcement is in shadow, so the answer of the grants is only recorded',
      'under enforcement it would be denied: no grants are held',
      'a grant of `project:read` on `p1` would allow it',
    ]);
  });

  it('name five of many deciding grants', () => {
    const grants = Array.from({ length: 8 }, (_, i) =>
      row(`role:r${i}`, 'allow', 'project:read', 'p1'),
    );
    const { sentences } = why(grants, { scope: 'project:read', resource_id: 'p1' });
    expect(sentences).toHaveLength(7);
    expect(sentences.at(-1)).toBe('and 3 more such grants');
  });
});

describe('near misses', () => {
  const check = { scope: 'mcp:write', resource_id: 's1', dimensions: { tool: 'search' } };

  it('are the grants that fail in one thing, nearest first', () => {
    const grants = [
      row('role:a', 'allow', 'mcp:write', 's2'),
      row('role:b', 'allow', 'mcp:read', 's1'),
      row('role:c', 'allow', 'mcp:write', 's1', { tool: 'fetch' }),
      row('role:d', 'allow', 'mcp:write', 's1', { gone: 'x' }),
      row('role:e', 'allow', 'mcp:read', 's2'),
      row('role:f', 'allow', 'project:write', '*'),
    ];
    const { near_misses, near_miss_count } = why(grants, check);
    expect(near_misses.map(({ grant, obstacle }) => [grant.principal, obstacle])).toEqual([
      ['role:c', 'dimension_differs'],
      ['role:b', 'weaker_action'],
      ['role:a', 'other_resource'],
      ['role:d', 'unreadable'],
    ]);
    expect(near_miss_count).toBe(4);
  });

  it('say what is in the way', () => {
    const grants = [row('role:b', 'allow', 'mcp:read', 's1')];
    expect(why(grants, check).near_misses[0]?.sentence).toBe(
      '`role:b` allows `mcp:read` on `s1`, but it does not include the action asked for',
    );
  });

  it('are the undetermined denies where it is allowed', () => {
    const deny = row('role:b', 'deny', 'mcp:connect', 's1', { tool: 'delete' });
    const grants = [
      row('role:a', 'allow', 'mcp:write', 's1'),
      deny,
      row('role:c', 'allow', 'mcp:read', 's2'),
    ];
    const { decision, near_misses } = why(grants, { scope: 'mcp:connect', resource_id: 's1' });
    expect(decision.allowed).toBe(true);
    expect(near_misses.map(({ grant, obstacle }) => [grant, obstacle])).toEqual([
      [deny, 'dimension_absent'],
    ]);
  });

  it('are counted beyond those that are listed', () => {
    const grants = Array.from({ length: 30 }, (_, i) =>
      row('role:a', 'allow', 'project:read', `p${i}`),
    );
    const { near_misses, near_miss_count } = why(grants, {
      scope: 'project:read',
      resource_id: 'x',
    });
    expect(near_misses).toHaveLength(20);
    expect(near_miss_count).toBe(30);
  });

  it('are none where no grant is asked', () => {
    const standing = { membership: 'none', enforcement: 'shadow' } as const;
    const grants = [row('role:b', 'allow', 'mcp:read', 's1')];
    expect(why(grants, check, standing).near_misses).toEqual([]);
  });

  it('keep the ids of rows that have them', () => {
    const grants = [{ ...row('role:b', 'allow', 'mcp:read', 's1'), id: 'g7' }];
    expect(why(grants, check).near_misses[0]?.grant.id).toBe('g7');
  });
});

describe('missing', () => {
  const check = { scope: 'mcp:read', resource_id: 's1', dimensions: { tool: 'search' } };

  it('is the grant of exactly what was asked', () => {
    expect(why([], check).missing).toEqual({
      scope: 'mcp:read',
      effect: 'allow',
      selector: { resource_kind: 'mcp', resource_id: 's1', tool: 'search' },
    });
  });

  it('is told in shadow, where it would change the answer that is recorded', () => {
    const standing = { membership: 'active', enforcement: 'shadow' } as const;
    expect(why([], check, standing).missing).toBeDefined();
  });

  it.each([
    ['it is allowed', [row('user:alice', 'allow', 'mcp:read', 's1')], ENFORCED],
    ['a deny matches', [row('user:alice', 'deny', 'mcp:read', 's1')], ENFORCED],
    ['there is no membership', [], { membership: 'none', enforcement: 'enforced' }],
    ['the membership is inactive', [], { membership: 'inactive', enforcement: 'off' }],
  ] as const)('is absent when %s', (_why, grants, standing) => {
    expect(why(grants, check, standing)).not.toHaveProperty('missing');
  });
});

import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { builtinPolicy } from './builtin-policy.ts';
import { compileGrants, joinGrants } from './compile.ts';
import { type Effect, type HeldGrant } from './grant.ts';
import { filterIds, reach } from './reach.ts';

const row = (
  effect: Effect,
  scope: string,
  resource_id: string,
  dimensions: Record<string, string> = {},
): HeldGrant => ({
  principal: 'user:alice',
  scope,
  effect,
  selector: { ...dimensions, resource_kind: scope.split(':')[0] ?? '', resource_id },
});

const view = (...grants: HeldGrant[]) => compileGrants(builtinPolicy, grants);

describe('reach', () => {
  it('is nothing for who holds nothing', () => {
    expect(reach(view(), 'project:read')).toEqual({ everything: false, ids: new Set() });
  });

  it('is the resources that grants name, implied scopes included', () => {
    const grants = view(row('allow', 'project:read', 'p1'), row('allow', 'project:write', 'p2'));
    expect(reach(grants, 'project:read')).toEqual({
      everything: false,
      ids: new Set(['p1', 'p2']),
    });
    expect(reach(grants, 'project:write')).toEqual({ everything: false, ids: new Set(['p2']) });
  });

  it('is everything but what is denied under a wildcard', () => {
    const grants = view(row('allow', 'project:write', '*'), row('deny', 'project:read', 'p1'));
    expect(reach(grants, 'project:write')).toEqual({ everything: true, except: new Set(['p1']) });
  });

  it('is nothing under a deny of everything', () => {
    const grants = view(row('allow', 'project:read', 'p1'), row('deny', 'project:read', '*'));
    expect(reach(grants, 'project:read')).toEqual({ everything: false, ids: new Set() });
  });

  it('takes away in one role what another gives', () => {
    const grants = joinGrants(builtinPolicy, [
      view(row('allow', 'project:read', 'p1'), row('allow', 'project:read', 'p2')),
      view(row('deny', 'project:read', 'p2')),
    ]);
    expect(reach(grants, 'project:read')).toEqual({ everything: false, ids: new Set(['p1']) });
  });

  it('depends on the dimensions of the question', () => {
    const grants = view(
      row('allow', 'mcp:read', 's1', { tool: 'search' }),
      row('allow', 'mcp:read', 's2'),
      row('deny', 'mcp:read', 's2', { tool: 'search' }),
    );
    const ids = (dimensions?: Record<string, string>): unknown =>
      reach(grants, 'mcp:read', dimensions);
    expect(ids()).toEqual({ everything: false, ids: new Set(['s1', 's2']) });
    expect(ids({ tool: 'search' })).toEqual({ everything: false, ids: new Set(['s1']) });
    expect(ids({ tool: 'fetch' })).toEqual({ everything: false, ids: new Set(['s2']) });
  });

  it('of the one resource of the organization is never more than it', () => {
    const everywhere = row('allow', 'org:admin', '*');
    const grants = compileGrants(builtinPolicy, [everywhere], 'acme');
    expect(reach(grants, 'org:read')).toEqual({ everything: false, ids: new Set(['acme']) });
    expect(reach(compileGrants(builtinPolicy, [], 'acme'), 'org:read')).toEqual({
      everything: false,
      ids: new Set(),
    });
  });

  it('refuses what is no question', () => {
    expect(errorOf(() => reach(view(), 'environment:read'))).toMatchObject({
      code: 'invalid_check',
      problem: 'absent_dimension',
    });
  });
});

describe('filterIds', () => {
  it('keeps the order of the ids, and repetitions', () => {
    const grants = view(row('allow', 'project:read', 'a'), row('allow', 'project:read', 'b'));
    expect(filterIds(grants, 'project:read', ['b', 'x', 'a', 'b'])).toEqual(['b', 'a', 'b']);
  });

  it('refuses the whole question for one id that is none', () => {
    expect(errorOf(() => filterIds(view(), 'project:read', ['a', '*']))).toMatchObject({
      code: 'invalid_check',
      problem: 'not_concrete',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { builtinPolicy } from './builtin-policy.ts';
import { compileGrants, joinGrants } from './compile.ts';
import { definePolicy } from './define-policy.ts';
import { type HeldGrant } from './grant.ts';

const on = (
  principal: string,
  scope: string,
  resource_id: string,
  dimensions: Record<string, string> = {},
): HeldGrant => ({
  principal,
  scope,
  effect: 'allow',
  selector: { ...dimensions, resource_kind: scope.split(':')[0] ?? '', resource_id },
});

describe('compileGrants', () => {
  it('names grants by what they say, without their ids', () => {
    const grant = on('user:alice', 'mcp:read', 's1', { tool: 't' });
    const { matched } = compileGrants(builtinPolicy, [{ ...grant, id: 'g1' }]).decide({
      scope: 'mcp:connect',
      resource_id: 's1',
    });
    expect(matched).toEqual([grant]);
  });

  it('is not changed by what happens to the rows afterwards', () => {
    const rows = [on('user:alice', 'project:read', 'p1')];
    const compiled = compileGrants(builtinPolicy, rows);
    rows.length = 0;
    expect(compiled.can('project:read', 'p1')).toBe(true);
  });

  it('answers about scopes in any order, also after refusing one', () => {
    const compiled = compileGrants(builtinPolicy, [on('user:alice', 'project:read', 'p1')]);
    expect(compiled.can('project:read', 'p1')).toBe(true);
    expect(compiled.can('project:write', 'p1')).toBe(false);
    expect(errorOf(() => compiled.can('project:raed' as 'project:read', 'p1'))).toMatchObject({
      problem: 'unknown_scope',
    });
    expect(compiled.can('project:write', 'p1')).toBe(false);
    expect(compiled.can('project:read', 'p1')).toBe(true);
  });

  it('refuses an id that is no text, even where everything is allowed', () => {
    const compiled = compileGrants(builtinPolicy, [on('user:alice', 'project:read', '*')]);
    for (const id of [undefined, null, 7, '', '*']) {
      expect(errorOf(() => compiled.can('project:read', id as string))).toMatchObject({
        code: 'invalid_check',
        problem: 'not_concrete',
      });
    }
  });

  it('keeps grants of several principals apart in its reasons', () => {
    const grants = ['user:a', 'role:b', 'role:c'].map((who) => on(who, 'project:read', 'p1'));
    const { matched } = compileGrants(builtinPolicy, grants).decide({
      scope: 'project:read',
      resource_id: 'p1',
    });
    expect(matched.map(({ principal }) => principal).sort()).toEqual([
      'role:b',
      'role:c',
      'user:a',
    ]);
  });
});

describe('byteSize', () => {
  const size = (grants: readonly HeldGrant[]): number =>
    compileGrants(builtinPolicy, grants).byteSize;
  const many = (
    count: number,
    dimensions: (index: number) => Record<string, string>,
  ): HeldGrant[] =>
    Array.from({ length: count }, (_, i) => on('role:a', 'mcp:read', `server-${i}`, dimensions(i)));

  it('grows with the number of grants, and counts resources with the same grants as little more than their ids', () => {
    const thousand = size(many(1_000, () => ({})));
    expect(size(many(10_000, () => ({})))).toBeGreaterThan(5 * thousand);
    expect(thousand / 1_000).toBeLessThan(100);
    expect(size(many(1_000, (i) => ({ tool: `t${i}` })))).toBeGreaterThan(2 * thousand);
  });

  it('of a view is that of its parts', () => {
    const a = compileGrants(
      builtinPolicy,
      many(10, () => ({})),
    );
    const b = compileGrants(
      builtinPolicy,
      many(20, () => ({})),
    );
    expect(joinGrants(builtinPolicy, [a, b]).byteSize).toBe(a.byteSize + b.byteSize);
  });
});

describe('joinGrants', () => {
  it('shares its parts', () => {
    const role = compileGrants(builtinPolicy, [on('role:a', 'project:read', 'p1')]);
    const direct = compileGrants(builtinPolicy, [on('user:alice', 'project:read', 'p2')]);
    const view = joinGrants(builtinPolicy, [role, direct]);
    expect(view.parts[0]).toBe(role.parts[0]);
    expect(view.parts[1]).toBe(direct.parts[0]);
  });

  it('joins views that are joined already', () => {
    const parts = ['p1', 'p2', 'p3'].map((id) =>
      compileGrants(builtinPolicy, [on('role:a', 'project:read', id)]),
    );
    const nested = joinGrants(builtinPolicy, [
      joinGrants(builtinPolicy, parts.slice(0, 2)),
      ...parts.slice(2),
    ]);
    expect(['p1', 'p2', 'p3', 'p4'].map((id) => nested.can('project:read', id))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('denies everything when there is nothing to join, and still refuses what is no question', () => {
    const nothing = joinGrants(builtinPolicy, []);
    expect(nothing.can('project:read', 'p1')).toBe(false);
    expect(nothing.decide({ scope: 'project:read', resource_id: 'p1' }).reason).toBe('no_grants');
    expect(errorOf(() => nothing.can('project:read', ''))).toMatchObject({
      problem: 'not_concrete',
    });
  });

  it('gives the organization that is asked about to parts that every organization shares', () => {
    const role = compileGrants(builtinPolicy, [on('role:a', 'org:admin', '*')]);
    const view = joinGrants(builtinPolicy, [role], 'acme');
    expect(view.can('org:admin', 'acme')).toBe(true);
    expect(errorOf(() => view.can('org:admin', 'globex'))).toMatchObject({
      problem: 'not_the_organization',
    });
  });

  it('refuses grants compiled under another policy', () => {
    const other = definePolicy({
      kinds: { project: { actions: { read: {}, write: {} } } },
      system_roles: { admin: 'all', member: [] },
    });
    const mine = compileGrants(builtinPolicy, []);
    const foreign = compileGrants(other, []) as unknown as typeof mine;
    expect(errorOf(() => joinGrants(builtinPolicy, [mine, foreign]))).toEqual({
      code: 'invalid_grant',
      problem: 'other_policy',
      path: 'views[1]',
      message: 'grants compiled under another policy cannot be joined at views[1]',
    });
  });
});

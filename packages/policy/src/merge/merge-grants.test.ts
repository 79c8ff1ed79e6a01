import { describe, expect, it } from 'vitest';
import {
  builtinPolicy,
  compileGrants,
  definePolicy,
  type HeldGrant,
  PolicyError,
} from '../index.ts';
import { mergedBytes, mergeGrants } from './index.ts';

function grant(principal: string, resource_id: string): HeldGrant {
  const selector = { resource_kind: 'project', resource_id };
  return { principal, scope: 'project:read', effect: 'allow', selector };
}

/** A role with grants on projects of its own. */
function role(name: string, grants: number) {
  const ids = Array.from({ length: grants }, (_, nth) => `${name}-${String(nth)}`);
  return compileGrants(
    builtinPolicy,
    ids.map((id) => grant(`role:global:${name}`, id)),
  );
}

describe('merging', () => {
  it('answers for every part from one', () => {
    const merged = mergeGrants(builtinPolicy, [role('a', 10), role('b', 10), role('c', 10)]);
    expect(merged.parts).toHaveLength(1);
    for (const id of ['a-3', 'b-9', 'c-0']) expect(merged.can('project:read', id)).toBe(true);
    expect(merged.can('project:read', 'a-10')).toBe(false);
  });

  it('takes what was foretold, where no two parts speak of one resource', () => {
    const views = [role('a', 10), role('b', 30), role('c', 5)];
    expect(mergeGrants(builtinPolicy, views).byteSize).toBe(mergedBytes(views));
  });

  it('takes nothing where only one part says anything', () => {
    const empty = compileGrants(builtinPolicy, []);
    const views = [role('a', 1_000), empty];
    expect(mergeGrants(builtinPolicy, views).byteSize).toBe(mergedBytes(views));
    expect(mergedBytes(views)).toBe(mergedBytes([]));
  });

  it('refuses grants compiled under another policy', () => {
    const other = definePolicy({
      kinds: { project: { actions: { read: {} } } },
      system_roles: { admin: 'all', member: [] },
    });
    const foreign = compileGrants(other, []) as never;
    expect(() => mergeGrants(builtinPolicy, [foreign])).toThrow(PolicyError);
  });
});

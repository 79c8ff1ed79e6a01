import {
  builtinPolicy,
  compileGrants,
  type Enforcement,
  type HeldGrant,
  type Membership,
  type ScopeOf,
} from '@rolecall/policy';
import { describe, expect, it } from 'vitest';
import { pinPrincipal, type PrincipalHandle } from './principal-handle.ts';

type Scope = ScopeOf<typeof builtinPolicy>;

const everything = { resource_kind: 'project', resource_id: '*' };
const reader: HeldGrant[] = [
  { principal: 'user:alice', scope: 'project:read', effect: 'allow', selector: everything },
];

function handleOf(
  membership: Membership,
  enforcement: Enforcement,
  grants: readonly HeldGrant[] = reader,
): PrincipalHandle<Scope> {
  return pinPrincipal(
    { organizationId: 'acme', policy: builtinPolicy, token: 'r1' },
    {
      principal: 'user:alice',
      standing: { membership, enforcement },
      grants: compileGrants(builtinPolicy, grants, 'acme'),
      blocks: [],
    },
  );
}

const alice = handleOf('active', 'enforced');

describe('a principal handle', () => {
  it('allows what a grant allows and nothing else', () => {
    expect(alice.can('project:read', 'p1')).toBe(true);
    expect(alice.can('project:write', 'p1')).toBe(false);
    expect(alice.can('mcp:connect', 'p1')).toBe(false);
  });

  it('names the state it pins', () => {
    expect(alice).toMatchObject({
      organizationId: 'acme',
      principal: 'user:alice',
      revision: 'r1',
      standing: { membership: 'active', enforcement: 'enforced' },
    });
  });

  it('denies whoever is no active member, whatever they hold', () => {
    for (const membership of ['inactive', 'pending', 'deleted', 'none'] as const) {
      const handle = handleOf(membership, 'enforced');
      expect(handle.can('project:read', 'p1')).toBe(false);
      expect(handle.filter('project:read', ['p1'])).toEqual([]);
      expect(handle.decide({ scope: 'project:read', resource_id: 'p1' }).allowed).toBe(false);
    }
  });

  it('waives grants and unknown memberships while nothing is enforced, but no known absence', () => {
    for (const enforcement of ['off', 'shadow'] as const) {
      for (const membership of ['active', 'none', 'exempt'] as const) {
        const handle = handleOf(membership, enforcement, []);
        expect(handle.can('project:write', 'p1')).toBe(true);
        expect(handle.filter('project:write', ['p1', 'p2'])).toEqual(['p1', 'p2']);
        expect(handle.decide({ scope: 'project:write', resource_id: 'p1' })).toMatchObject({
          allowed: true,
          reason: `enforcement_${enforcement}`,
          enforced: { allowed: false },
        });
      }
      for (const membership of ['inactive', 'pending', 'deleted'] as const) {
        const handle = handleOf(membership, enforcement);
        expect(handle.can('project:read', 'p1')).toBe(false);
        expect(handle.filter('project:read', ['p1'])).toEqual([]);
      }
    }
  });

  it('refuses an invalid check whatever the standing', () => {
    for (const membership of ['active', 'inactive', 'none'] as const) {
      for (const enforcement of ['off', 'shadow', 'enforced'] as const) {
        const handle = handleOf(membership, enforcement);
        const refused = expect.objectContaining({ code: 'invalid_check' }) as Error;
        expect(() => handle.can('project:fly' as Scope, 'p1')).toThrow(refused);
        expect(() => handle.can('project:read', '*')).toThrow(refused);
        expect(() => handle.can('org:read', 'another')).toThrow(refused);
        expect(() => handle.can('project:read', 'p1', { colour: 'red' })).toThrow(refused);
        expect(() => {
          handle.require('environment:read', 'e1');
        }).toThrow(refused);
        expect(() => handle.filter('project:read', ['p1', ''])).toThrow(refused);
        expect(() => handle.filter('environment:read', [])).toThrow(refused);
        expect(() => handle.decide({ scope: 'project:read', resource_id: '' })).toThrow(refused);
        expect(() => handle.explain({ scope: 'project:read', resource_id: '' })).toThrow(refused);
        expect(() => {
          handle.requireAny([
            { scope: 'project:read', resource_id: 'p1' },
            { scope: 'project:read', resource_id: '*' },
          ]);
        }).toThrow(refused);
      }
    }
  });

  it('names the place of every id that is not one', () => {
    expect(() => alice.filter('project:read', ['p1', '*', 'p2', ''])).toThrow(
      expect.objectContaining({
        code: 'invalid_check',
        details: {
          problems: [
            { path: 'resource_ids[1]', message: '`*` does not name one resource' },
            { path: 'resource_ids[3]', message: '`` does not name one resource' },
          ],
        },
      }),
    );
    expect(() => alice.filter('project:fly' as Scope, ['p1', 'p2'])).toThrow(
      expect.objectContaining({
        details: { problems: [{ path: 'scope', message: 'unknown scope `project:fly`' }] },
      }),
    );
  });

  it('throws only from `require`, with the check and the reason', () => {
    expect(() => {
      alice.require('project:read', 'p1');
    }).not.toThrow();
    expect(() => {
      alice.require('project:write', 'p1');
    }).toThrow(
      expect.objectContaining({
        code: 'permission_denied',
        species: 'refusal',
        message: 'user:alice may not `project:write` of `p1`',
        details: {
          organizationId: 'acme',
          principal: 'user:alice',
          denials: [
            {
              check: { scope: 'project:write', resource_id: 'p1' },
              reason: 'scope_unsatisfied',
            },
          ],
        },
      }),
    );
  });

  it('is satisfied with one of several, and with none is not asked', () => {
    const write = { scope: 'project:write', resource_id: 'p1' } as const;
    const read = { scope: 'project:read', resource_id: 'p1' } as const;
    expect(() => {
      alice.requireAny([write, read]);
    }).not.toThrow();
    expect(() => {
      alice.requireAny([write]);
    }).toThrow(expect.objectContaining({ code: 'permission_denied' }));
    expect(() => {
      alice.requireAny([]);
    }).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
